"""«Kommer du?»: answers to meetings that need them, what the organiser sees, and one nudge."""
