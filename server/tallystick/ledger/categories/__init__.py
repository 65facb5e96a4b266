"""Categories: a tree of what money is spent on, or comes from."""
