"""Budgets themselves: their periods, and what goes on from one into the next."""
