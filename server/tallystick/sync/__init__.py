"""Copies of spaces on devices: pulling, watching, pushing, and conflicts."""
