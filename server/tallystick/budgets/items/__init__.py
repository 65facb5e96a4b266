"""What a budget is made of."""
