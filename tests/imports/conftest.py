"""What do tests of imports stand on? A book, and whoever takes files into it."""

from imports.stage import book, desk

__all__ = ["book", "desk"]
