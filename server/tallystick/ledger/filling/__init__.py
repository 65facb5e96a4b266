"""Rules that fill in what transactions leave open."""
