"""How is kept what belongs to a user alone? In the home: preferences, displays, and what apps keep for themselves."""

from uuid import UUID

from sqlalchemy import Column, Index, Integer, LargeBinary, Uuid

from tallystick.merging import LATER_WINS
from tallystick.store.entity import Entity
from tallystick.store.metadata import entity_table
from tallystick.v1.settings_client_values_pb2 import ClientValue
from tallystick.v1.settings_displays_pb2 import Display
from tallystick.v1.settings_pb2 import Preferences

preferences = entity_table("preferences")

display = entity_table(
    "display",
    Column("book_id", Uuid, nullable=False),
    Index("ix_display_book", "space_id", "book_id", "id"),
)

# How large a value is shows anyway, by what it is sealed in. Its key does not: that is in the gist.
client_value = entity_table(
    "client_value",
    Column("size", Integer, nullable=False),
    Column("gist", LargeBinary, nullable=False),
)

PREFERENCES = Entity(preferences, Preferences, merging=LATER_WINS)
DISPLAY = Entity(display, Display, lambda message: {"book_id": UUID(message.thing.book_id)}, merging=LATER_WINS)
CLIENT_VALUE = Entity(
    client_value,
    ClientValue,
    lambda message: {"size": len(message.value)},
    gist=lambda message: message.key.encode(),
    merging=LATER_WINS,
)
