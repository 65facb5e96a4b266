"""What do the writing calls of one kind of thing in a book share with those of another? Changing, hiding, bringing back, ordering."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from tallystick import masks
from tallystick.errors import InvalidInput, NotVisible, Stale
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.ledger import rules
from tallystick.ledger.nouns.queries import Noun, get_many, get_noun
from tallystick.merging import changed_fields
from tallystick.store.tx import WriteTx

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Update(Generic[M]):
    """An entity as it is, and as a request wants it. What the request says may still be judged, and brought into its one form."""

    before: M
    after: M
    changed_since: Sequence[Sequence[str]]


async def begin_update(tx: WriteTx, noun: Noun[M], request: Any) -> Update[M]:
    entity_id = noun.id_of(request)
    found, since = await tx.fetch_all(
        noun.by_id(space_id=tx.space_id, id=entity_id),
        FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=entity_id, version=masks.base_version(request)),
    )
    before = tx.require(noun.entity, [(row[0], row[1], row[2]) for row in found])
    names = masks.touched(request.update_mask.paths, request, noun.changeable)
    after: Any = masks.overlay(before, request, names)
    if "name" in names:
        after.name = rules.require_name("name", after.name)
    return Update(before, after, [fields for (fields,) in since])


def end_update(tx: WriteTx, noun: Noun[M], update: Update[M]) -> M:
    """Nothing is written where nothing differs: saying what is so already is no change."""
    changing = changed_fields(update.before, update.after)
    if masks.is_stale(changing, update.changed_since):
        raise Stale(current_version=update.before.version)  # type: ignore[attr-defined]  # every entity has a version
    return tx.put(noun.entity, update.before, update.after) if changing else update.before


async def delete_noun(tx: WriteTx, noun: Noun[M], request: Any) -> M:
    return tx.delete(noun.entity, await get_noun(tx, noun, request))


@dataclass(frozen=True, slots=True)
class Restore(Generic[M]):
    """An entity as it was left, and as it is to come back: what it names may be gone."""

    before: M
    after: M
    is_deleted: bool


async def begin_restore(tx: WriteTx, noun: Noun[M], request: Any) -> Restore[M]:
    rows = await tx.fetch(noun.by_id_deleted_or_not(space_id=tx.space_id, id=noun.id_of(request)))
    if not rows:
        raise NotVisible
    row_id, version, body, deleted_at = rows[0]
    before = tx.open(noun.entity, (row_id, version, body))
    return Restore(before, masks.overlay(before, before, ()), deleted_at is not None)


def end_restore(tx: WriteTx, noun: Noun[M], restore: Restore[M]) -> M:
    """One that is not deleted stays as it is."""
    return tx.put(noun.entity, restore.before, restore.after) if restore.is_deleted else restore.before


async def restore_noun(tx: WriteTx, noun: Noun[M], request: Any) -> M:
    return end_restore(tx, noun, await begin_restore(tx, noun, request))


async def reorder_nouns(tx: WriteTx, noun: Noun[M], field: str, ids: Sequence[str]) -> list[M]:
    """Gives the named ones the positions from 1 on, in their order."""
    wanted = [UUID(one) for one in ids]
    if len(set(wanted)) < len(wanted):
        raise InvalidInput.of_field(field, "names one of them twice")
    ordered = []
    for position, before in enumerate(await get_many(tx, noun, wanted), 1):
        after: Any = masks.overlay(before, before, ())
        after.position = position
        ordered.append(tx.put(noun.entity, before, after) if changed_fields(before, after) else before)
    return ordered
