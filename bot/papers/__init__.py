"""A Paper as something to keep: a Word file, plain text, a calendar file, a picture."""
