"""What has become of a budget."""
