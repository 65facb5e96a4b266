"""Books and the money in them."""
