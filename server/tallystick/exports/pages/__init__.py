"""Pages that people read, keep and print: statements and reports as PDF."""
