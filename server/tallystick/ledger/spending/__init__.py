"""What was spent and earned, read by the thousand."""
