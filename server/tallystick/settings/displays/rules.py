"""Which display is a thing's, and what of it may change? Pure."""

from uuid import UUID, uuid5

from tallystick.ledger.rules import canonical
from tallystick.v1.settings_displays_pb2 import BookThing

CHANGEABLE = ("color", "icon", "hidden", "position", "on_dashboard", "expanded")


def canonical_thing(thing: BookThing) -> BookThing:
    return BookThing(book_id=canonical(thing.book_id), thing_id=canonical(thing.thing_id))


def display_id(home_id: UUID, thing: BookThing) -> UUID:
    """Clients make ids: the same may be in two books, and each has a display of its own."""
    return uuid5(home_id, f"display {thing.book_id} {thing.thing_id}")
