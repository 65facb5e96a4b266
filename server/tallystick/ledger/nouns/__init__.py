"""What all small entities of a book have in common: getting, listing, changing, hiding, ordering."""
