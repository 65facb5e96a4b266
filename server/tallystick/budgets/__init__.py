"""What people mean to spend, and what has become of it."""
