"""Books that follow groups."""
