"""Changing the calendar: each change is saved and its messages planned in one transaction."""
