"""Books, and what a new one starts with."""
