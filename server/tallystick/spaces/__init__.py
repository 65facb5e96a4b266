"""Who shares a space, and how others come to share it."""
