"""What the money in a book comes to: net worth, spending, summaries, cash flow, and all of it at a glance."""
