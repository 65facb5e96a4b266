"""Which payments would settle a group."""
