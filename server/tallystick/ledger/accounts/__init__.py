"""Accounts: what they hold, how they came to hold it, and what banks say of it."""
