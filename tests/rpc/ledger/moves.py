"""What is an account held against? Moves of every kind on any days, and plain sums over what the book says was recorded."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from people import BookOf, new_id
from rpc.ledger.accounts import EXPENSE, PENDING, TRANSFER, draft, eur, record_all, transaction
from tallystick_client.v1 import ledger_transactions_pb2
from tallystick_client.v1.ledger_pb2 import Split, Transaction, TransactionDraft
from tallystick_client.v1.ledger_transactions_pb2 import TransactionUpdate

FIRST, LAST = date(2025, 11, 20), date(2026, 3, 10)
# The ends of months and of the calendar, where days are counted wrongly.
EDGES = ("0001-01-01", "2024-02-29", "2025-12-31", "2026-01-01", "2026-01-31", "2026-02-28", "9999-12-31")


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def any_day(dice: random.Random) -> str:
    if dice.random() < 0.2:
        return dice.choice(EDGES)
    return dice.choice(days_between(FIRST, LAST)).isoformat()


async def move_about(book: BookOf, account_id: str, other_id: str, seed: int, count: int = 60) -> list[Transaction]:
    """Records many things, changes some and deletes some. Returns all that is left, the newest date and id first."""
    dice = random.Random(seed)
    ids = await record_all(book, [_any_draft(dice, account_id, other_id) for _ in range(count)])
    dice.shuffle(ids)
    tenth = count // 10
    gone, moved, waiting = ids[:tenth], ids[tenth : 2 * tenth], ids[2 * tenth : 3 * tenth]
    changes = [TransactionDraft(booked_on=any_day(dice)) for _ in moved] + [TransactionDraft(status=PENDING)] * tenth
    await book.person.ledger.BatchUpdateTransactions(
        ledger_transactions_pb2.BatchUpdateTransactionsRequest(
            request_id=new_id(),
            book_id=book.id,
            updates=[
                TransactionUpdate(transaction_id=each, change=change)
                for each, change in zip([*moved, *waiting], changes, strict=True)
            ],
        )
    )
    await book.person.ledger.BatchDeleteTransactions(
        ledger_transactions_pb2.BatchDeleteTransactionsRequest(
            request_id=new_id(), book_id=book.id, transaction_ids=gone
        )
    )
    left = [await transaction(book, each) for each in ids[tenth:]]
    return sorted(left, key=lambda each: (each.booked_on, each.id), reverse=True)


def _any_draft(dice: random.Random, account_id: str, other_id: str) -> TransactionDraft:
    minor, on = dice.choice([1, 99, dice.randint(1, 10**9)]), any_day(dice)
    status = PENDING if dice.random() < 0.2 else 0
    shape = dice.randrange(5)
    if shape == 0:
        source_id, target_id = dice.sample([account_id, other_id], 2)
        return draft(source_id, minor, on, kind=TRANSFER, to_account_id=target_id, status=status)
    if shape == 1:
        # Two parts on the account, and one on another.
        parts = [Split(amount=eur(minor)), Split(amount=eur(1)), Split(amount=eur(7), account_id=other_id)]
        return draft(account_id, minor + 8, on, kind=EXPENSE, splits=parts, status=status)
    return draft(account_id, dice.choice([-1, 1]) * minor, on, status=status)


def moved_by(moving: Transaction, account_id: str) -> int:
    return sum(entry.amount.minor for entry in moving.entries if entry.account_id == account_id)


def plain_sum(transactions: Sequence[Transaction], account_id: str, until: str = "9999-12-31") -> int:
    return sum(moved_by(each, account_id) for each in transactions if each.booked_on <= until)


def plain_cleared(transactions: Sequence[Transaction], account_id: str, until: str = "9999-12-31") -> int:
    return sum(
        entry.amount.minor
        for each in transactions
        for entry in each.entries
        if entry.account_id == account_id and each.booked_on <= until and entry.status != PENDING
    )
