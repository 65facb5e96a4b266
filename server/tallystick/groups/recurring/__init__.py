"""Expenses that are recorded again and again."""
