"""The web pages that people open in a browser."""
