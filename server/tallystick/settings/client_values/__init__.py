"""What apps keep for themselves."""
