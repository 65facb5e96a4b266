"""How are the records that queries lay side by side taken apart and opened?"""

import struct
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from tallystick.ledger.tables import ENTRY, TOTAL
from tallystick.store.seal import SpaceSeal

_ID_BYTES = 16
# A sealed number: generation, nonce, number, tag.
_CELL_BYTES = 38
# Of a total: version, account, category, currency and month, with what stands between them.
_TOTAL = struct.Struct(f"56s{_CELL_BYTES}s")
_ACCOUNT, _CATEGORY, _MONTH = slice(8, 24), slice(25, 41), slice(46, 56)
# Of an entry: version, transaction, and a line of one digit or more.
_ENTRY_MARK_BYTES = 25
_TRANSACTION = slice(8, 24)
_PAIR = struct.Struct(f"{_ID_BYTES}s{_ID_BYTES}s")
# The day that PostgreSQL counts from.
_EPOCH = date(2000, 1, 1).toordinal()


class Amount(NamedTuple):
    """What an account's balance moved by, for a category, on a day. Ids are the bytes of a UUID; of no category, of the nil one."""

    minor: int
    account: bytes
    category: bytes
    day: int


class Told(NamedTuple):
    """The same, with what its transaction says."""

    amount: Amount
    kind: int
    payee: bytes
    transaction: bytes


def totals_in(seal: SpaceSeal, records: bytes) -> Iterator[Amount]:
    """The day is the first of the month."""
    rows = list(_TOTAL.iter_unpack(records))
    for (mark, _), plain in zip(rows, seal.open_many(TOTAL.place, rows), strict=True):
        minor = int.from_bytes(plain, signed=True)
        yield Amount(minor, mark[_ACCOUNT], mark[_CATEGORY], _month(mark[_MONTH]))


def entries_in(seal: SpaceSeal, digits: int, records: bytes) -> Iterator[Amount]:
    rows = list(_entry(digits, "").iter_unpack(records))
    for (_, _, account, category, day), plain in zip(rows, seal.open_many(ENTRY.place, rows), strict=True):
        yield Amount(int.from_bytes(plain, signed=True), account, category, _EPOCH + day)


def told_in(seal: SpaceSeal, digits: int, records: bytes) -> Iterator[Told]:
    rows = list(_entry(digits, f"h{_ID_BYTES}s").iter_unpack(records))
    for (mark, _, account, category, day, kind, payee), plain in zip(
        rows, seal.open_many(ENTRY.place, rows), strict=True
    ):
        minor = int.from_bytes(plain, signed=True)
        yield Told(Amount(minor, account, category, _EPOCH + day), kind, payee, mark[_TRANSACTION])


def pairs_in(records: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """Two ids each. Nothing side by side is no value."""
    return _PAIR.iter_unpack(records or b"")


@cache
def _entry(digits: int, rest: str) -> struct.Struct:
    return struct.Struct(f"!{_ENTRY_MARK_BYTES + digits}s{_CELL_BYTES}s{_ID_BYTES}s{_ID_BYTES}s" + "i" + rest)


@cache
def _month(text: bytes) -> int:
    return date.fromisoformat(text.decode()).toordinal()
