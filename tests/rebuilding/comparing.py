"""Are two spaces the same? Every entity and every derived row opened, and the history of each."""

from typing import Any
from uuid import UUID

import proof
from tallystick.app import App
from tallystick.ledger.tables import BALANCE, ENTRY, TOTAL
from tallystick.rebuilding.reading import LEFT_OUT, rename
from tallystick.store import journal

# What is another one in a copy, or stays as it is.
OTHERWISE = LEFT_OUT | {"member"}


def entities_of(
    server: App, database: proof.Connection, space_id: str, *, called: str = "", versions: bool = True
) -> dict[Any, Any]:
    """Each with its message and whether it is deleted. `called`: the id that the space is to be told by."""
    seal = proof.open_seal(database, server.store.keys, UUID(space_id))
    found = {}
    for (kind, _), (_, plain, is_deleted) in proof.fresh(database, seal).items():
        if kind in OTHERWISE:
            continue
        message = proof.ENTITIES[kind].message_type.FromString(plain)
        if called:
            rename(message, space_id, called)
        if not versions:
            message.version = 0
        found[kind, message.id] = (str(message), is_deleted)
    return found


def derived_of(server: App, database: proof.Connection, space_id: str) -> dict[str, Any]:
    """What counts of every derived row."""
    seal = proof.open_seal(database, server.store.keys, UUID(space_id))
    named = (seal.space_id,)
    entries = database.execute(
        "SELECT transaction_id, line, account_id, category_id, currency, booked_on, status, import_id FROM entry "
        "WHERE space_id = %s AND live ORDER BY 1, 2",
        named,
    ).fetchall()
    tags = database.execute(
        "SELECT transaction_id, tag_id, booked_on FROM transaction_tag WHERE space_id = %s AND live ORDER BY 1, 2",
        named,
    ).fetchall()
    nets, debts = proof.read_tallies(database, seal)
    sums_of = {
        each.table.name: proof.without_zeros(proof.read_derived(database, seal, each))
        for each in (ENTRY, BALANCE, TOTAL)
    }
    months = proof.without_zeros(proof.read_months(database, seal))
    return {"entries": entries, "tags": tags, "nets": nets, "debts": debts, "months": months, **sums_of}


def history_of(
    server: App, database: proof.Connection, space_id: str, *, until: int, called: str = ""
) -> list[tuple[Any, ...]]:
    """Every change up to a commit."""
    seal = proof.open_seal(database, server.store.keys, UUID(space_id))
    rows = database.execute(
        "SELECT seq, ordinal, entity_kind, entity_id, op, fields, actor_id, at, private_to, body FROM journal "
        "WHERE space_id = %s AND seq <= %s ORDER BY 1, 2",
        (seal.space_id, until),
    ).fetchall()
    found = []
    for seq, ordinal, kind, entity_id, *others, body in rows:
        if kind in OTHERWISE:
            continue
        plain = seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, body)
        message = proof.ENTITIES[kind].message_type.FromString(plain)
        if called:
            rename(message, space_id, called)
        found.append((seq, ordinal, kind, message.id, *others, str(message)))
    return found
