"""What is looked at when its time comes."""
