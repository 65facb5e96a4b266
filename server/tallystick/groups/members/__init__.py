"""Who is in a group, how they come in, and how they leave."""
