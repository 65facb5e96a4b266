"""The proof of a group."""
