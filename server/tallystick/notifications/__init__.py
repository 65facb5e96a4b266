"""What users should know of, and how they come to know it."""
