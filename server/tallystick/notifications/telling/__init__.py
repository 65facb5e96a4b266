"""What is told, and to whom: a file for each thing that happens."""
