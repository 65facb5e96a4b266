"""Where the contents of files lie, outside of the database."""
