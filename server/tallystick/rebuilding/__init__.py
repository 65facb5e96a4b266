"""How a space is written from its journal."""
