"""Groups themselves: what they are called and how they work."""
