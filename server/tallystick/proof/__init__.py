"""What the proofs of all kinds of spaces share."""
