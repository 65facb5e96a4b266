"""Tallystick: a finance backend whose halves always match."""

__version__ = "0.1.0"
