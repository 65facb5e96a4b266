"""Money that goes into envelopes and between them."""
