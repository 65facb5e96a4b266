"""Expenses that people share, and what they owe each other for them."""
