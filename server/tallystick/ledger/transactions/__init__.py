"""Transactions: written down, posted, changed, found."""
