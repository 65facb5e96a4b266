"""What does a file of another program or a bank say? Pure: bytes in, lines out; no book, no database, no clock."""
