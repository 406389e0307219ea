"""A meeting as people see it, and the list of one's own."""
