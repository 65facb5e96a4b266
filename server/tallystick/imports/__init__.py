"""What others wrote down, brought into a book."""
