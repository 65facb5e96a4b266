"""What do tests of imports stand on? A book, and files that lie in memory."""

from imports.stage import book, desk, files

__all__ = ["book", "desk", "files"]
