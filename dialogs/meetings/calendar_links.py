"""Meetings in one's own calendar: one as a file, or all of one's own by a secret address."""
