"""Programs elsewhere that are told what happens in a book or a group."""
