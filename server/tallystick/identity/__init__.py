"""Users, their sessions and their keys."""
