"""Kort refleksjon, spørrerunder and surveys: asking, answering, closing."""
