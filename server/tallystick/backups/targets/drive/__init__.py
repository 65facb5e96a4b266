"""How do archives get into a Google Drive, and out of it again? Through Google's own client, one step at a time."""
