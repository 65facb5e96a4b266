"""How is changed what users say about themselves? By UpdateMe, or by a feature that changes something else in the same commit."""

from collections.abc import Sequence

from google.protobuf.message import Message

from tallystick import masks
from tallystick.errors import Stale
from tallystick.identity import queries, rules
from tallystick.identity.tables import PROFILE
from tallystick.store.connection import Row
from tallystick.store.statements import Call
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.v1.identity_pb2 import User


def ask(tx: ReadTx) -> Call[*tuple[object, ...]]:
    """The query that `read` needs the rows of."""
    return queries.PROFILE_OF_HOME(space_id=tx.space_id)


def ask_since(tx: WriteTx, base_version: int) -> Call[*tuple[object, ...]]:
    """The same for `change`: what was changed since the version that the change is made on."""
    return queries.FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=tx.caller.user_id, version=base_version)


def read(tx: ReadTx, rows: Sequence[Row]) -> User:
    return tx.require(PROFILE, [(row[0], row[1], row[2]) for row in rows])


def change(tx: WriteTx, before: User, values: Message, names: Sequence[str], since: Sequence[Row]) -> User:
    """The user with the named fields as `values` has them. Nothing is written where nothing differs."""
    after = rules.compose_update(before, values, names)
    changing = [name for name in names if getattr(before, name) != getattr(after, name)]
    if masks.is_stale(changing, [fields for (fields,) in since]):
        raise Stale(current_version=before.version)
    return tx.put(PROFILE, before, after) if changing else before
