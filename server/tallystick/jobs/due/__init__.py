"""What is posted by itself when its day comes."""
