"""What members say, and what happened."""
