"""What members gave each other to get even."""
