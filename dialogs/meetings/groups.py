"""Lists of people that the skoleeierteam keeps, for meetings that are for some."""
