"""How books and groups come back from a user's backups."""
