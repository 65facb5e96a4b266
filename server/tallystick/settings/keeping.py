"""How is changed what has its id before it is there? It may never have been made, or was taken away: whoever changes it makes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import Uuid, bindparam, select

from tallystick import masks
from tallystick.errors import Stale
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.merging import changed_fields
from tallystick.store.connection import Row
from tallystick.store.entity import Entity
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tx import ReadTx, WriteTx

M = TypeVar("M", bound=Message)


def ever(entity: Entity[Any]) -> Statement[UUID, int, bytes, datetime | None]:
    """One by its id, deleted or not."""
    columns = entity.table.c
    return prepare(
        select(columns.id, columns.version, columns.body, columns.deleted_at).where(
            columns.space_id == bindparam("space_id", type_=Uuid), columns.id == bindparam("id", type_=Uuid)
        )
    )


@dataclass(frozen=True, slots=True)
class Standing(Generic[M]):
    """What there is under an id. `last`: as it is, or as it was when it was taken away. None: it never was."""

    last: M | None
    is_there: bool
    # The fields of each change since the version that was asked about.
    changed_since: Sequence[Sequence[str]] = ()

    @property
    def there(self) -> M | None:
        return self.last if self.is_there else None


def ask(
    tx: ReadTx, by_id: Statement[Any, Any, Any, Any], entity_id: UUID, base_version: int
) -> tuple[Call[Any, Any, Any, Any], Call[Any]]:
    """What `read` needs: it travels in one round trip with whatever else is asked."""
    since = FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=entity_id, version=base_version)
    return by_id(space_id=tx.space_id, id=entity_id), since


def read(tx: ReadTx, entity: Entity[M], rows: Sequence[Row], since: Sequence[Row] = ()) -> Standing[M]:
    if not rows:
        return Standing(None, False)
    row_id, version, body, deleted_at = rows[0]
    return Standing(tx.open(entity, (row_id, version, body)), deleted_at is None, [fields for (fields,) in since])


def keep(tx: WriteTx, entity: Entity[M], standing: Standing[M], before: M, after: M) -> M:
    """Nothing is written where nothing differs. `before` is what the change was made on: empty if there was nothing."""
    changing = changed_fields(before, after)
    if not changing:
        return before
    if standing.last is None:
        return tx.add(entity, after)
    if masks.is_stale(changing, _told(standing.last, standing.changed_since)):
        raise Stale(current_version=standing.last.version)  # type: ignore[attr-defined]  # every entity has a version
    return tx.put(entity, standing.last, after)


def _told(last: Message, changed_since: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """To be made, taken away and made anew are changes that name no fields: whatever the entity says may be new."""
    says = tuple(field.name for field, _ in last.ListFields())
    return [fields or says for fields in changed_since]
