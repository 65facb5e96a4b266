"""What does a member's part of a group's item mean in the book that follows the group? Pure.

What they bear is spending on a receivable account; what they gave is a transfer from one of their accounts to it. So the receivable
account holds what the group owes them. What a statement covers is never touched: what is missing stands in corrections beside it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.groups.following import Part
from tallystick.ledger.transactions.rules import CLEARED, EXPENSE, INCOME, RECONCILED, REFUND, TRANSFER
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_links_pb2 import GroupLink, LinkedAccount, LinkedCategory
from tallystick.v1.ledger_pb2 import Account, Entry, Transaction, TransactionKind
from tallystick.v1.money_pb2 import Money

# The two transactions that an item may have, and the corrections of each that stand in for what is locked.
BORNE, GIVEN = "borne", "given"
ROLES = (BORNE, GIVEN)
CORRECTIONS = range(1, 9)
RECEIVABLE, PAID = "receivable", "paid"

# How far something moves the receivable accounts, by currency.
Moves = Mapping[str, int]
_SPENDING = (EXPENSE, REFUND)


class Held(NamedTuple):
    """A transaction that is there already."""

    moves: Moves
    is_locked: bool


class Leg(NamedTuple):
    """One entry to be."""

    account_id: str
    currency: str
    minor: int


class Wanted(NamedTuple):
    """A transaction to be. `category_id` is None where it has none by its nature."""

    kind: TransactionKind.ValueType
    booked_on: str
    legs: Sequence[Leg]
    category_id: str | None


def link_id_of(book_id: UUID, group_id: UUID, member_id: UUID) -> UUID:
    return uuid5(book_id, f"{group_id}{member_id}")


def account_id_of(link_id: UUID, purpose: str, currency: str) -> UUID:
    return uuid5(link_id, f"{purpose}:{currency}")


def transaction_id_of(link_id: UUID, item_id: UUID, role: str, number: int = 0) -> UUID:
    """0 is the transaction itself, the others are its corrections."""
    return uuid5(link_id, f"{item_id}:{role}:{number}")


def passage_id_of(link: GroupLink, from_seq: int, seq: int, ordinal: int) -> UUID:
    """Names one step of following: of this state of the link, from here to there."""
    return uuid5(UUID(link.id), f"{link.version}:{from_seq}:{seq}:{ordinal}")


def problem_id_of(link: GroupLink, problem: str) -> UUID:
    """Names the note that this state of the link cannot be followed for this reason."""
    return uuid5(UUID(link.id), f"{link.version}:{problem}")


def require_names_once(categories: Sequence[LinkedCategory]) -> None:
    seen: set[str] = set()
    for index, each in enumerate(categories):
        name = _folded(each.name)
        if not name:
            raise InvalidInput.of_field(f"categories[{index}].name", "must not be blank")
        if name in seen:
            raise InvalidInput.of_field(f"categories[{index}].name", "is named twice")
        seen.add(name)


def category_of(link: GroupLink, name: str, usable: Collection[str]) -> str:
    """The category of the book for one of the group's. One that is gone or out of use is none."""
    wanted = _folded(name)
    found = next((each.category_id for each in link.categories if _folded(each.name) == wanted), "")
    chosen = found if wanted and found else link.default_category_id
    return chosen if chosen in usable else ""


def _folded(name: str) -> str:
    return name.strip().casefold()


def moves_of(transaction: Transaction, receivables: Collection[str]) -> Moves:
    moved: Counter[str] = Counter()
    for entry in transaction.entries:
        if entry.account_id in receivables:
            moved[entry.amount.currency] += entry.amount.minor
    return moved


def is_locked(transaction: Transaction) -> bool:
    return any(entry.status == RECONCILED for entry in transaction.entries)


def minor_of(part: Part | None, role: str) -> int:
    if part is None:
        return 0
    return part.borne_minor if role == BORNE else part.given_minor


def plan(currency: str, minor: int, held: Mapping[int, Held]) -> dict[int, tuple[str, int] | None]:
    """How far each of the transactions that may be changed has to move the receivable account, so that all together move it by
    `minor`. None: it goes."""
    left: Counter[str] = Counter({currency: minor})
    for each in held.values():
        if each.is_locked:
            left.subtract(each.moves)
    planned: dict[int, tuple[str, int] | None] = {n: None for n, each in held.items() if not each.is_locked}
    free = [number for number in (0, *CORRECTIONS) if number not in held or not held[number].is_locked]
    missing = [name for name, amount in left.items() if amount]
    # The item's own currency has the first place; what is to be undone in others comes behind it.
    for name in sorted(missing, key=lambda name: (name != currency, name)):
        if not free:
            raise RuleBroken(ErrorReason.ERROR_REASON_ENTRY_RECONCILED, "Statements cover it again and again.")
        planned[free.pop(0)] = (name, left[name])
    return planned


def kind_of(minor: int, *, is_earned: bool) -> TransactionKind.ValueType:
    """Of what moves the receivable account by itself."""
    if minor < 0:
        return EXPENSE
    return INCOME if is_earned else REFUND


def transfer(booked_on: str, other: Leg, receivable: Leg) -> Wanted:
    """Whichever of the two loses comes first."""
    legs = (receivable, other) if receivable.minor < 0 else (other, receivable)
    return Wanted(TRANSFER, booked_on, legs, None)


def is_open(account: Account | None, booked_on: str) -> bool:
    return account is not None and (not account.closed_on or booked_on <= account.closed_on)


def choose_category(before: Transaction | None, kind: TransactionKind.ValueType, was: str | None, now: str) -> str:
    """What somebody chose in the book stays; what the link had given follows the group. `was` and `now` are what the link gives for the
    group's category before and after. None: it was not another one."""
    if kind not in _SPENDING:
        return before.entries[0].category_id if before is not None and before.kind == kind == INCOME else ""
    if before is None or before.kind not in _SPENDING:
        return now
    chosen = before.entries[0].category_id
    return now if was is not None and chosen == was else chosen


def choose_note(before: Transaction | None, was: Part | None, now: Part | None) -> str:
    """The group's words, unless somebody wrote others in the book."""
    if now is None:
        return before.note if before is not None else ""
    if before is None or (was is not None and before.note == was.text):
        return now.text
    return before.note


def compose(onto: Transaction, before: Transaction | None, wanted: Wanted, note: str) -> Transaction:
    """`onto` is a copy of what is there, or a new transaction with its ids and payee."""
    onto.kind, onto.booked_on, onto.note = wanted.kind, wanted.booked_on, note
    if before is None or not _is_same_money(before, wanted):
        entries = list(_entries(wanted, before.entries if before is not None else ()))
        onto.ClearField("entries")
        onto.entries.extend(entries)
    if len(onto.entries) == 1:
        onto.entries[0].category_id = wanted.category_id or ""
    return onto


def _is_same_money(before: Transaction, wanted: Wanted) -> bool:
    """Also when somebody divided it among categories while it was an ordinary transaction."""
    return before.kind == wanted.kind and _sums(_legs(before)) == _sums(wanted.legs)


def _legs(transaction: Transaction) -> list[Leg]:
    return [Leg(each.account_id, each.amount.currency, each.amount.minor) for each in transaction.entries]


def _sums(legs: Sequence[Leg]) -> dict[tuple[str, str], int]:
    summed: Counter[tuple[str, str]] = Counter()
    for leg in legs:
        summed[leg.account_id, leg.currency] += leg.minor
    return summed


def _entries(wanted: Wanted, before: Sequence[Entry]) -> Iterator[Entry]:
    """An entry goes on as that of its account; one on another account takes the next line that is free."""
    left = list(before)
    going_on = {}
    for leg in wanted.legs:
        found = next((each for each in left if each.account_id == leg.account_id), None)
        if found is not None:
            left.remove(found)
            going_on[leg] = found
    following = max((each.line for each in before), default=-1) + 1
    for leg in wanted.legs:
        entry = Entry(line=following, status=CLEARED)
        if leg in going_on:
            entry.CopyFrom(going_on[leg])
        else:
            following += 1
        entry.account_id, entry.category_id = leg.account_id, wanted.category_id or ""
        entry.amount.CopyFrom(Money(currency=leg.currency, minor=leg.minor))
        yield entry


def note_account(link: GroupLink, purpose: str, currency: str, account_id: UUID) -> None:
    """The link remembers what was made for it."""
    place = next((each for each in link.accounts if each.currency == currency), None)
    if place is None:
        place = link.accounts.add()
        place.CopyFrom(LinkedAccount(currency=currency))
    if purpose == RECEIVABLE:
        place.receivable_account_id = str(account_id)
    else:
        place.paid_account_id = str(account_id)


def moves_money(before: Transaction, after: Transaction | None) -> bool:
    """Whether a change concerns what a group decides: what happened, when, and how much on which account."""
    if after is None or before.kind != after.kind or before.booked_on != after.booked_on:
        return True
    old, new = ({each.line: each for each in one.entries} for one in (before, after))
    return old.keys() != new.keys() or any(
        old[line].account_id != new[line].account_id or old[line].amount != new[line].amount for line in old
    )


def follows_group(transaction_id: str = "") -> RuleBroken:
    return RuleBroken(
        ErrorReason.ERROR_REASON_FOLLOWS_GROUP,
        "It follows a group: change it there, or unlink the group.",
        metadata={"transaction_id": transaction_id} if transaction_id else {},
    )
