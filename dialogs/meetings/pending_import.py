"""Importing a file of meetings in the chat: what it changes is shown first."""
