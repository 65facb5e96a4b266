"""Notices follow journals: how far each space was read, and what came of it."""
