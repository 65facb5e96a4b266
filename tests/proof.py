"""Is a space what its journal says, and is every kept sum the sum of its entries? Proven from the tables, not through the API.

Old state + journaled changes == fresh state: the journal of a space, replayed from its beginning, must give exactly the rows that
are there. It is what a syncing client does, so whatever a command forgot to journal is missed by somebody's phone.
"""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from sqlalchemy import Table

from tallystick.budgets.tables import BUDGET, BUDGET_ITEM, BUDGET_MOVE
from tallystick.files.tables import FILE
from tallystick.groups.balances import fold
from tallystick.groups.sums.cells import Tally
from tallystick.groups.sums.effects import step_of_expense, step_of_settlement
from tallystick.groups.tables import (
    EXPENSE,
    EXPENSE_COMMENT,
    GROUP,
    JOIN_REQUEST,
    RECURRING_EXPENSE,
    SETTLEMENT,
    SETTLEMENT_PLAN,
    TALLY,
)
from tallystick.identity.tables import PROFILE
from tallystick.imports.tables import FILE_IMPORT, IMPORT_PROFILE
from tallystick.ledger import sums
from tallystick.ledger.gist import compose_gist
from tallystick.ledger.tables import (
    ACCOUNT,
    BALANCE,
    BOOK,
    CATEGORY,
    ENTRY,
    GROUP_LINK,
    PAYEE,
    PAYMENT_METHOD,
    RATE,
    RECONCILIATION,
    RULE,
    TAG,
    TEMPLATE,
    TOTAL,
    TRANSACTION,
    import_id_of,
)
from tallystick.notifications.tables import NOTIFICATION, NOTIFICATION_PREFERENCES
from tallystick.settings.tables import CLIENT_VALUE, DISPLAY, PREFERENCES
from tallystick.spaces.tables import INVITATION
from tallystick.store import journal
from tallystick.store.entity import Derived, Entity
from tallystick.store.keys import SpaceKeys
from tallystick.store.members import MEMBER
from tallystick.store.seal import SpaceSeal
from tallystick.sync.tables import CONFLICT
from tallystick.v1.ledger_pb2 import Transaction, TransactionKind
from tallystick.webhooks.tables import WEBHOOK

ENTITIES: dict[str, Entity[Any]] = {
    entity.kind: entity
    for entity in (
        *(MEMBER, INVITATION, CONFLICT, PROFILE, BOOK, ACCOUNT, CATEGORY, PAYEE, PAYMENT_METHOD, TAG, TRANSACTION),
        *(NOTIFICATION, NOTIFICATION_PREFERENCES),
        *(RECONCILIATION, TEMPLATE, RATE, RULE, GROUP_LINK),
        *(BUDGET, BUDGET_ITEM, BUDGET_MOVE),
        *(PREFERENCES, DISPLAY, CLIENT_VALUE),
        *(GROUP, JOIN_REQUEST, EXPENSE, EXPENSE_COMMENT, RECURRING_EXPENSE, SETTLEMENT, SETTLEMENT_PLAN),
        WEBHOOK,
        FILE,
        *(WEBHOOK, FILE_IMPORT, IMPORT_PROFILE),
    )
}
# One statement for all kinds: this runs after every test of an RPC, and most kinds have no rows in most spaces.
ROWS = " UNION ALL ".join(
    f"SELECT '{kind}', id, version, body, deleted_at IS NOT NULL FROM \"{kind}\" WHERE space_id = %(space_id)s"
    for kind in ENTITIES
)
State = dict[tuple[str, UUID], tuple[int, bytes, bool]]
Connection = psycopg.Connection[tuple[Any, ...]]


def heads(database: Connection) -> dict[UUID, int]:
    """The seq of every space that was not erased."""
    rows = database.execute("SELECT id, seq FROM space WHERE erased_at IS NULL").fetchall()
    return dict(rows)


def moment(database: Connection) -> int:
    """No transaction that begins from here on has a smaller number."""
    ((number,),) = database.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchall()
    return int(number)


def touched_since(database: Connection, since: int) -> list[UUID]:
    """The spaces that were written since, and were not erased. PostgreSQL looks for them: a run has thousands of others."""
    rows = database.execute(
        "SELECT id FROM space WHERE erased_at IS NULL AND xmin::text::bigint >= %s", (since,)
    ).fetchall()
    return [space_id for (space_id,) in rows]


def prove(database: Connection, keys: SpaceKeys, space_id: UUID) -> None:
    seal = open_seal(database, keys, space_id)
    there = fresh(database, seal)
    assert replay(database, seal) == there, (
        "The journal does not lead to the rows that are there. If you are here because this failed, a command changed an entity "
        "without handing it to the transaction (tx.add, tx.put, tx.delete), or changed its message after handing it over."
    )
    prove_sums(database, seal)
    prove_group_sums(database, seal, there)


def open_seal(database: Connection, keys: SpaceKeys, space_id: UUID) -> SpaceSeal:
    rows = database.execute(
        "SELECT generation, master_id, wrapped FROM space_key WHERE space_id = %s", (space_id,)
    ).fetchall()
    ((generation,),) = database.execute("SELECT key_generation FROM space WHERE id = %s", (space_id,)).fetchall()
    return SpaceKeys(keys.keyring).open(space_id, generation, rows)


def replay(database: Connection, seal: SpaceSeal) -> State:
    state: State = {}
    rows = database.execute(
        "SELECT seq, ordinal, entity_kind, entity_id, op, body, superseded_by FROM journal WHERE space_id = %s ORDER BY seq, ordinal",
        (seal.space_id,),
    ).fetchall()
    later: dict[tuple[str, UUID], int] = {}
    for seq, _, kind, entity_id, _, _, superseded_by in reversed(rows):
        assert superseded_by == later.get((kind, entity_id))
        later[kind, entity_id] = seq
    for seq, ordinal, kind, entity_id, op, body, _ in rows:
        plain = seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, body)
        state[kind, entity_id] = (seq, plain, op == journal.Op.DELETE)
    return state


def fresh(database: Connection, seal: SpaceSeal) -> State:
    state: State = {}
    for kind, row_id, version, body, is_deleted in database.execute(ROWS, {"space_id": seal.space_id}).fetchall():
        entity = ENTITIES[kind]
        plain = seal.open(entity.place, row_id.bytes, version, body)
        assert entity.message_type.FromString(plain).version == version
        state[kind, row_id] = (version, plain, is_deleted)
    return state


def prove_sums(database: Connection, seal: SpaceSeal) -> None:
    """Entries and tags are those of the transactions; balances, months and totals are the sums of entries."""
    entries = read_derived(database, seal, ENTRY)
    written: dict[tuple[Any, ...], int] = {}
    rows_of: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    tags: set[tuple[Any, ...]] = set()
    balances: dict[tuple[Any, ...], int] = defaultdict(int)
    months: dict[tuple[UUID, int], int] = defaultdict(int)
    totals: dict[tuple[Any, ...], int] = defaultdict(int)
    rows = database.execute(
        "SELECT id, version, body, gist FROM transaction WHERE space_id = %s AND deleted_at IS NULL", (seal.space_id,)
    ).fetchall()
    for row_id, version, body, gist in rows:
        transaction = Transaction.FromString(seal.open(TRANSACTION.place, row_id.bytes, version, body))
        assert seal.open(TRANSACTION.gist_place, row_id.bytes, version, gist) == compose_gist(transaction)
        prove_transaction(transaction)
        day = date.fromisoformat(transaction.booked_on)
        tags |= {(row_id, UUID(tag_id), day) for tag_id in transaction.tag_ids}
        for entry in transaction.entries:
            account, category = UUID(entry.account_id), UUID(entry.category_id) if entry.category_id else UUID(int=0)
            minor, key = entry.amount.minor, (row_id, entry.line)
            written[key] = minor
            import_id = import_id_of(account, entry.import_key)
            rows_of[key] = (account, category, entry.amount.currency, day, entry.status, import_id)
            balances[account,] += minor
            months[account, sums.month_number(day)] += minor
            totals[account, category, entry.amount.currency, day.replace(day=1)] += minor
    kept = database.execute(
        """
        SELECT transaction_id, line, account_id, coalesce(category_id, %s), currency, booked_on, status, import_id
        FROM entry WHERE space_id = %s AND live
        """,
        (UUID(int=0), seal.space_id),
    ).fetchall()
    assert {(row[0], row[1]): tuple(row[2:]) for row in kept} == rows_of
    assert {key: entries[key] for key in written} == written
    assert without_zeros({key: amount for key, amount in entries.items() if key not in written}) == {}
    tied = database.execute(
        "SELECT transaction_id, tag_id, booked_on FROM transaction_tag WHERE space_id = %s AND live", (seal.space_id,)
    ).fetchall()
    assert set(tied) == tags
    assert without_zeros(read_derived(database, seal, BALANCE)) == without_zeros(balances)
    assert without_zeros(read_months(database, seal)) == without_zeros(months)
    assert without_zeros(read_derived(database, seal, TOTAL)) == without_zeros(totals)


def prove_group_sums(database: Connection, seal: SpaceSeal, there: State) -> None:
    """Shares add up to what was spent; nets and debts are the fold of all that counts, and nets come to zero."""
    spent = live(there, EXPENSE)
    expenses = [step_of_expense(each) for each in spent]
    settlements = [step_of_settlement(each) for each in live(there, SETTLEMENT)]
    for expense in spent:
        assert sum(share.owed_minor for share in expense.shares) == expense.amount.minor
        assert sum(share.paid_minor for share in expense.shares) == expense.amount.minor
    folded = fold([*expenses, *(each for each in settlements if each)])
    nets = {(member, currency): net for currency, each in folded.items() for member, net in each.nets.items()}
    debts = {(*pair, currency): owes for currency, each in folded.items() for pair, owes in each.pairs.items()}
    assert read_tallies(database, seal) == (without_zeros(nets), without_zeros(debts))
    assert all(sum(each.nets.values()) == 0 for each in folded.values())


def read_tallies(database: Connection, seal: SpaceSeal) -> tuple[dict[Any, int], dict[Any, int]]:
    """Nets by member and currency, and debts by pair and currency, as they are kept."""
    nets: dict[Any, int] = {}
    debts: dict[Any, int] = {}
    rows = database.execute(
        "SELECT currency, version, amount FROM tally WHERE space_id = %s", (seal.space_id,)
    ).fetchall()
    for currency, version, cell in rows:
        tally = Tally(seal.open(TALLY.place, TALLY.row_of({"currency": currency}), version, cell))
        nets |= {(member_id, currency): net for member_id, net in tally.nets()}
        debts |= {(one_id, other_id, currency): owes for one_id, other_id, owes in tally.debts()}
    return nets, debts


def live(there: State, entity: Entity[Any]) -> list[Any]:
    """All that is not deleted of a kind."""
    return [
        entity.message_type.FromString(plain)
        for (kind, _), (_, plain, is_deleted) in there.items()
        if kind == entity.kind and not is_deleted
    ]


def prove_transaction(transaction: Transaction) -> None:
    """A transfer takes as much as it gives; what is spent is below zero, and what comes in above."""
    minors = [entry.amount.minor for entry in transaction.entries]
    kind = TransactionKind.Name(transaction.kind)
    if kind == "TRANSACTION_KIND_TRANSFER":
        leaving, arriving = transaction.entries
        assert leaving.amount.minor < 0 < arriving.amount.minor
        assert leaving.account_id != arriving.account_id
        if leaving.amount.currency == arriving.amount.currency:
            assert sum(minors) == 0
    elif kind == "TRANSACTION_KIND_EXPENSE":
        assert max(minors) < 0
    elif kind in ("TRANSACTION_KIND_INCOME", "TRANSACTION_KIND_REFUND"):
        assert min(minors) > 0
    assert len({entry.line for entry in transaction.entries}) == len(transaction.entries)


def read_months(database: Connection, seal: SpaceSeal) -> dict[tuple[Any, ...], int]:
    found: dict[tuple[Any, ...], int] = {}
    rows = database.execute(
        "SELECT account_id, version, amount FROM balance WHERE space_id = %s", (seal.space_id,)
    ).fetchall()
    for account_id, version, cell in rows:
        plain = seal.open(BALANCE.place, BALANCE.row_of({"account_id": account_id}), version, cell)
        held = sums.unpack(plain)
        assert held is not None, "a balance was written without its months"
        found |= {(account_id, month): minor for month, minor in held.months.items()}
    return found


def read_derived(database: Connection, seal: SpaceSeal, derived: Derived) -> dict[tuple[Any, ...], int]:
    table: Table = derived.table
    keys = [column.name for column in table.primary_key.columns][1:]
    found = {}
    names = ", ".join(keys)
    rows = database.execute(
        f"SELECT version, amount, {names} FROM {table.name} WHERE space_id = %s", (seal.space_id,)
    ).fetchall()
    for version, cell, *key in rows:
        # A balance stands before its months; every other cell holds one number.
        plain = seal.open(derived.place, derived.row_of(dict(zip(keys, key, strict=True))), version, cell)
        found[tuple(key)] = sums.balance_of(plain)
    return found


def without_zeros(numbers: dict[Any, int]) -> dict[Any, int]:
    return {key: amount for key, amount in numbers.items() if amount}


def connect(dsn: str, **other: str) -> Connection:
    return psycopg.connect(dsn, autocommit=True, row_factory=tuple_row, **other)  # type: ignore[arg-type]  # connection parameters


# What a refused call may well write: how often somebody failed, and what of the quota was used.
COUNTERS = ("throttle", "quota_use")


def count_rows(database: Connection) -> dict[str, tuple[int, int]]:
    """How many rows every table has, and the newest transaction that wrote one: for "nothing was written"."""
    tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    counted = {}
    for (name,) in tables:
        if name in COUNTERS:
            continue
        (counted[name],) = database.execute(
            f'SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM "{name}"'
        ).fetchall()
    return counted
