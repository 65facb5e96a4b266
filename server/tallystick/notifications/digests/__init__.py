"""What is unread, by mail."""
