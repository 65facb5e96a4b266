"""Exports: what is kept here as files, for people and for other programs."""
