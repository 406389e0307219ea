"""Tests of what the assistant remembers, on SQLite and on a real PostgreSQL."""
