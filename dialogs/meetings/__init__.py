"""Meetings: the calendar that the skoleeierteam keeps, and reminders of what is in it."""
