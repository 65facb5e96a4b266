"""What was spent and earned: sums by day, account and category, for whoever reports or budgets."""
