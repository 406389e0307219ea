"""When a person wants to be reminded: more, less, later, in one list, or not at all."""
