"""What do tests of the calls about imports stand on? What all tests of imports do."""

from imports.stage import book, desk

__all__ = ["book", "desk"]
