"""Mellomarbeid: what is to be done between a meeting and the next of its kind."""
