"""The proof of a book."""
