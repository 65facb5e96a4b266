"""What must follow from what in a book? Pure: opened rows go in, and whatever does not hold comes out."""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from tallystick.ledger import sums
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.sums import Sums, month_number
from tallystick.ledger.transactions.rules import CLEARED, EXPENSE, INCOME, REFUND, TRANSFER
from tallystick.proof.findings import LINK, STRUCTURE, Finding, differing, missing
from tallystick.v1.ledger_links_pb2 import GroupLink
from tallystick.v1.ledger_pb2 import Entry, Reconciliation, Transaction
from tallystick.v1.ledger_proof_pb2 import DifferenceKind
from tallystick.v1.ledger_templates_pb2 import Template

ENTRY = DifferenceKind.DIFFERENCE_KIND_ENTRY
BALANCE = DifferenceKind.DIFFERENCE_KIND_BALANCE
TOTAL = DifferenceKind.DIFFERENCE_KIND_TOTAL
MOVED = DifferenceKind.DIFFERENCE_KIND_TRANSFER
RECEIVABLE = DifferenceKind.DIFFERENCE_KIND_RECEIVABLE

# What each field that names something names, in whatever message it stands.
NAMED_BY = {
    "account_id": "account",
    "to_account_id": "account",
    "category_id": "category",
    "default_category_id": "category",
    "parent_id": "category",
    "payee_id": "payee",
    "payment_method_id": "payment_method",
    "tag_ids": "tag",
    "attachment_ids": "file",
    "file_id": "file",
    "template_id": "template",
    "refund_of_id": "transaction",
    "opening_transaction_id": "transaction",
    "adjustment_id": "transaction",
    "link_id": "group_link",
    "import_id": "file_import",
    "profile_id": "import_profile",
    "paid_from_account_id": "account",
    "paid_account_id": "account",
    "receivable_account_id": "account",
    "held_by_member_id": "member",
    "account_ids": "account",
    "category_ids": "category",
    "created_category_ids": "category",
    "payee_ids": "payee",
    "budget_id": "budget",
    "from_item_id": "budget_item",
    "to_item_id": "budget_item",
}

# Account, category, currency and the first day of the month.
TotalKey = tuple[UUID, UUID, str, date]

_SIGN_OF = {EXPENSE: -1, INCOME: 1, REFUND: 1}
_LEGS = 2


class EntryState(NamedTuple):
    """A row of an entry, opened. No amount: its cell does not open."""

    account_id: UUID
    category_id: UUID | None
    currency: str
    booked_on: date
    status: int
    live: bool
    import_id: UUID | None
    amount: int | None


class TagState(NamedTuple):
    """A row that ties a tag to a transaction."""

    booked_on: date
    live: bool


class AccountState(NamedTuple):
    """What entries must agree with."""

    currency: str
    private_to: str


@dataclass(slots=True)
class Expected:
    """The sums that follow from the transactions."""

    balances: dict[UUID, Sums] = field(default_factory=dict)
    totals: dict[TotalKey, int] = field(default_factory=dict)

    def add(self, entry: EntryState) -> None:
        if not entry.live or entry.amount is None:
            return
        held = self.balances.get(entry.account_id)
        if held is None:
            held = self.balances[entry.account_id] = Sums()
        month = month_number(entry.booked_on)
        held.balance += entry.amount
        held.months[month] = held.months.get(month, 0) + entry.amount
        key = (entry.account_id, entry.category_id or NO_CATEGORY, entry.currency, entry.booked_on.replace(day=1))
        self.totals[key] = self.totals.get(key, 0) + entry.amount


def expected_entries(
    transaction: Transaction, *, is_deleted: bool, import_id_of: Callable[[UUID, str], UUID | None]
) -> dict[int, EntryState]:
    """The rows that a transaction has, by line. Those of a deleted one count for nothing, and go on saying what was imported."""
    booked_on = date.fromisoformat(transaction.booked_on)
    return {
        entry.line: EntryState(
            account_id=(account_id := UUID(entry.account_id)),
            category_id=UUID(entry.category_id) if entry.category_id else None,
            currency=entry.amount.currency,
            booked_on=booked_on,
            status=entry.status or CLEARED,
            live=not is_deleted,
            import_id=import_id_of(account_id, entry.import_key),
            amount=0 if is_deleted else entry.amount.minor,
        )
        for entry in transaction.entries
    }


def expected_tags(transaction: Transaction, *, is_deleted: bool) -> dict[UUID, TagState]:
    booked_on = date.fromisoformat(transaction.booked_on)
    return {UUID(tag_id): TagState(booked_on, not is_deleted) for tag_id in transaction.tag_ids}


def differing_entries(
    transaction_id: UUID, expected: Mapping[int, EntryState], kept: Mapping[int, EntryState]
) -> Iterator[Finding]:
    """A line that its transaction does not have holds zero, and nothing that was imported."""
    for line, wanted in expected.items():
        found = kept.get(line)
        if found is None:
            yield missing(ENTRY, "entry", f"{transaction_id}/{line}", wanted._asdict())
        elif found != wanted:
            yield from differing(ENTRY, "entry", f"{transaction_id}/{line}", wanted._asdict(), found._asdict())
    for line, found in kept.items():
        if line not in expected:
            nothing = found._replace(live=False, import_id=None, amount=0)
            yield from differing(ENTRY, "entry", f"{transaction_id}/{line}", nothing._asdict(), found._asdict())


def differing_tags(
    transaction_id: UUID, expected: Mapping[UUID, TagState], kept: Mapping[UUID, TagState]
) -> Iterator[Finding]:
    for tag_id, wanted in expected.items():
        found = kept.get(tag_id)
        if found is None:
            yield missing(STRUCTURE, "transaction_tag", f"{transaction_id}/{tag_id}", wanted._asdict())
        elif found != wanted:
            subject = f"{transaction_id}/{tag_id}"
            yield from differing(STRUCTURE, "transaction_tag", subject, wanted._asdict(), found._asdict())
    for tag_id, found in kept.items():
        if tag_id not in expected and found.live:
            subject = f"{transaction_id}/{tag_id}"
            yield Finding(STRUCTURE, "transaction_tag.live", subject, "live=False", "live=True")


def wrong_shapes(transaction: Transaction) -> Iterator[Finding]:
    """What no transaction may be, whatever is kept of it."""
    entries = transaction.entries
    if wanted := _missed_shape(transaction):
        kind = MOVED if transaction.kind == TRANSFER else ENTRY
        told = ", ".join(f"{entry.amount.minor} {entry.amount.currency}" for entry in entries)
        yield Finding(kind, "transaction.entries", transaction.id, wanted, told)
    status = transaction.status or CLEARED
    least = min((entry.status or CLEARED for entry in entries), default=status)
    if status != least:
        yield Finding(ENTRY, "transaction.status", transaction.id, f"status={least}", f"status={status}")


def _missed_shape(transaction: Transaction) -> str:
    """What the entries should be and are not."""
    entries, sign = transaction.entries, _SIGN_OF.get(transaction.kind)
    if len({entry.line for entry in entries}) < max(1, len(entries)):
        return "entries, each with a line of its own"
    if transaction.kind == TRANSFER:
        return "" if _is_transfer(entries) else "an amount that leaves one account and arrives on another"
    if sign is None:
        return "" if len(entries) == 1 else "one entry"
    if all(entry.amount.minor * sign > 0 for entry in entries):
        return ""
    return "amounts above zero" if sign > 0 else "amounts below zero"


def _is_transfer(entries: Sequence[Entry]) -> bool:
    if len(entries) != _LEGS:
        return False
    leaving, arriving = entries
    if leaving.account_id == arriving.account_id or not leaving.amount.minor < 0 < arriving.amount.minor:
        return False
    is_one_currency = leaving.amount.currency == arriving.amount.currency
    return not is_one_currency or leaving.amount.minor + arriving.amount.minor == 0


def wrong_currencies(
    transaction_id: UUID, entries: Mapping[int, EntryState], accounts: Mapping[UUID, AccountState]
) -> Iterator[Finding]:
    for line, entry in entries.items():
        account = accounts.get(entry.account_id)
        if account is not None and entry.currency != account.currency:
            told = f"currency={account.currency}", f"currency={entry.currency}"
            yield Finding(LINK, "entry.currency", f"{transaction_id}/{line}", *told)


def wrong_owner(table: str, message: Any, accounts: Mapping[UUID, AccountState]) -> Iterator[Finding]:
    """What is about one member's private accounts alone is theirs alone."""
    about = [accounts.get(UUID(account_id)) for account_id in _accounts_of(message)]
    owners = {account.private_to for account in about if account is not None}
    if not owners:
        return
    wanted = owners.pop() if len(owners) == 1 else ""
    if message.private_to != wanted:
        told = f"private_to={wanted}", f"private_to={message.private_to}"
        yield Finding(LINK, f"{table}.private_to", message.id, *told)


def _accounts_of(message: Any) -> list[str]:
    """The accounts by which something is one member's or everybody's."""
    if isinstance(message, Transaction):
        return [entry.account_id for entry in message.entries]
    if isinstance(message, Reconciliation):
        return [message.account_id]
    if isinstance(message, Template):
        draft = message.draft
        named = [split.account_id or draft.account_id for split in draft.splits]
        return [each for each in named or (draft.account_id, draft.to_account_id) if each]
    return []


def differing_balance(account_id: UUID, expected: Sums | None, cell: bytes | None) -> Iterator[Finding]:
    """A cell from before months were kept proves only its balance. No cell: nothing was ever booked."""
    wanted = expected or Sums()
    try:
        kept = Sums() if cell is None else sums.unpack(cell)
        balance = sums.balance_of(cell) if cell is not None else 0
    except struct.error:
        yield Finding(BALANCE, "balance.amount", str(account_id), f"balance={wanted.balance}", "no sums")
        return
    if balance != wanted.balance:
        told = f"balance={wanted.balance}", f"balance={balance}"
        yield Finding(BALANCE, "balance.amount", str(account_id), *told)
    if kept is None:
        return
    for number in sorted(wanted.months.keys() | kept.months.keys()):
        minor, found = wanted.months.get(number, 0), kept.months.get(number, 0)
        if minor != found:
            month = f"{number // 12:04}-{number % 12 + 1:02}"
            yield Finding(BALANCE, "balance.months", f"{account_id}/{month}", f"sum={minor}", f"sum={found}")


def differing_total(key: TotalKey, expected: int, kept: int) -> Iterator[Finding]:
    """A row that is not there holds zero."""
    if expected != kept:
        subject = "/".join(map(str, key))
        yield Finding(TOTAL, "total.amount", subject, f"sum={expected}", f"sum={kept}")


def differing_receivables(
    link: GroupLink, nets: Mapping[str, int], moved: Mapping[tuple[str, str], int]
) -> Iterator[Finding]:
    """What following has booked on the receivable accounts is what the group owes the member. `moved` is by link and account; what
    else somebody booked there is not in it. The amounts are from a group that others of the book may not be in."""
    receivables = {each.currency: each.receivable_account_id for each in link.accounts}
    for currency in sorted({*nets, *receivables}):
        wanted, found = nets.get(currency, 0), moved.get((link.id, receivables.get(currency, "")), 0)
        if wanted != found:
            told = f"sum={wanted}", f"sum={found}"
            yield Finding(RECEIVABLE, "receivable", f"{link.id}/{currency}", *told, frozenset({link.user_id}))
