"""How a book comes back."""
