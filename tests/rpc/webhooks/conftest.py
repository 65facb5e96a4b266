"""What do tests of the calls about webhooks stand on? What all tests of webhooks do."""

from webhooks.stage import book, hooked, names, receiver

__all__ = ["book", "hooked", "names", "receiver"]
