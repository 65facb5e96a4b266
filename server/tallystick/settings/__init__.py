"""What a user wants to see, and how: in their home, on all of their devices."""
