"""What currencies are worth in one another."""
