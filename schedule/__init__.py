"""How time passes: ticks, and what is to be done at each. The only code that knows apscheduler."""
