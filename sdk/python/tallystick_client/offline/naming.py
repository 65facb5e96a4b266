"""What are things of a home called? Their ids follow from what they are about, so that devices which make one apart make the same."""

from uuid import UUID, uuid5

from tallystick_client.v1.settings_displays_pb2 import BookThing


def preferences_id(home_id: str) -> str:
    return home_id.lower()


def notification_preferences_id(home_id: str) -> str:
    return _following(home_id, "notification preferences")


def display_id(home_id: str, thing: BookThing) -> str:
    return _following(home_id, f"display {thing.book_id.lower()} {thing.thing_id.lower()}")


def client_value_id(home_id: str, key: str) -> str:
    return _following(home_id, f"client_value {key}")


def _following(home_id: str, name: str) -> str:
    return str(uuid5(UUID(home_id), name))
