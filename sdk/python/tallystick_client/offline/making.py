"""What does a rule know when it runs a command over the view? What is there, whose device it is, and when the command was made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from tallystick_client.offline.composing import canonical
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row, View


@dataclass(frozen=True, slots=True)
class Making:
    """The circumstances of one command."""

    view: View
    space_id: str
    # Empty if the app has not said who its user is.
    user_id: str
    made_at: Timestamp

    def over(self, view: View) -> "Making":
        return replace(self, view=view)

    def find(self, kind: str, entity_id: str) -> Row | None:
        """The row, deleted or not."""
        return self.view.find(kind, canonical(entity_id))

    def live(self, kind: str, entity_id: str) -> Any:
        return self.view.live(kind, canonical(entity_id))

    def require(self, kind: str, entity_id: str) -> Any:
        """The entity, which must be there."""
        found = self.live(kind, entity_id)
        if found is None:
            raise CannotApply
        return found

    def find_deleted(self, kind: str, entity_id: str) -> Any:
        """What there was of a deleted entity. None if it is there: bringing that back changes nothing."""
        row = self.find(kind, entity_id)
        if row is None:
            raise CannotApply
        return row.message if row.deleted else None

    def require_new(self, kind: str, entity_id: str) -> str:
        """The id, if nothing has it."""
        new_id = canonical(entity_id)
        if not new_id or self.find(kind, new_id) is not None:
            raise CannotApply
        return new_id


# What a command makes of entities.
Rule = Callable[[Making, Any], Iterable[Row]]


def shown_name(name: str) -> str:
    """A name as it is kept."""
    shown = name.strip()
    if not shown:
        raise CannotApply
    return shown
