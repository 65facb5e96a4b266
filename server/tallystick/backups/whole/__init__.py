"""The whole server in one archive: read at one moment, and put in place at one moment."""
