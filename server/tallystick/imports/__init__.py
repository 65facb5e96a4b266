"""Files of banks and other programs, on their way into a book."""
