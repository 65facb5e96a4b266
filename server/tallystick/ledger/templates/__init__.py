"""Transactions that recur."""
