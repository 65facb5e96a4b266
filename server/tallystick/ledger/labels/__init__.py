"""Payees, payment methods and tags."""
