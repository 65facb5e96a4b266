"""How things of books look to one user."""
