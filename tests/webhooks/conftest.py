"""What do tests of deliveries stand on? What all tests of webhooks do."""

from webhooks.stage import book, hooked, receiver

__all__ = ["book", "hooked", "receiver"]
