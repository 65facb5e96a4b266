"""What was spent, for whom, and by whom."""
