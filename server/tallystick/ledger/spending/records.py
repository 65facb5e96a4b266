"""How are the records that queries lay side by side taken apart and opened? A chunk at once: no step is taken for each that can be taken
for all."""

import struct
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from tallystick.ledger.tables import ENTRY, TOTAL
from tallystick.store.seal import SpaceSeal

_ID_BYTES = 16
# A sealed number: generation, nonce, number, tag.
_CELL_BYTES = 38
# Of a total: version, account and category, with what stands between the two.
_TOTAL_MARK_BYTES = 41
_TOTAL = struct.Struct(f"{_TOTAL_MARK_BYTES}s{_CELL_BYTES}s")
_PAIR_BYTES = 33
_PAIR = slice(_TOTAL_MARK_BYTES - _PAIR_BYTES, _TOTAL_MARK_BYTES)
# Of an entry: version, transaction, and a line of one digit or more.
_ENTRY_MARK_BYTES = 25
_TRANSACTION = slice(8, 24)
_TWO_IDS = struct.Struct(f"{_ID_BYTES}s{_ID_BYTES}s")
# The day that PostgreSQL counts from.
_EPOCH = date(2000, 1, 1).toordinal()

# How records say that there is no payee.
NOBODY = bytes(_ID_BYTES)

# An account and a category as records have them; of no category, the nil one. It is a name to look things up by.
Pair = bytes


class Told(NamedTuple):
    """An amount with what its transaction says. The payee is the nil one if it says none."""

    pair: Pair
    day: int
    minor: int
    kind: int
    payee: bytes
    transaction: bytes


def account_in(pair: Pair) -> bytes:
    return pair[:_ID_BYTES]


def category_in(pair: Pair) -> bytes:
    return pair[-_ID_BYTES:]


def totals_in(seal: SpaceSeal, currency: str, month: date, records: bytes) -> Iterator[tuple[Pair, int]]:
    """Amounts by account and category."""
    common = f"|{currency}|{month}".encode()
    rows = [(mark + common, cell) for mark, cell in _TOTAL.iter_unpack(records)]
    return zip([mark[_PAIR] for mark, _ in rows], _numbers(seal.open_many(TOTAL.place, rows)), strict=True)


def entries_in(seal: SpaceSeal, digits: int, records: bytes) -> Iterator[tuple[Pair, int, int]]:
    """Account and category, day and amount."""
    rows = list(_entry(digits, "").iter_unpack(records))
    _, _, pairs, days = zip(*rows, strict=True)
    numbers = _numbers(seal.open_many(ENTRY.place, rows))
    return zip(pairs, [_EPOCH + day for day in days], numbers, strict=True)


def told_in(seal: SpaceSeal, digits: int, records: bytes) -> Iterator[Told]:
    rows = list(_entry(digits, f"h{_ID_BYTES}s").iter_unpack(records))
    for (mark, _, pair, day, kind, payee), minor in zip(rows, _numbers(seal.open_many(ENTRY.place, rows)), strict=True):
        yield Told(pair, _EPOCH + day, minor, kind, payee, mark[_TRANSACTION])


def pairs_in(records: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """Two ids each. Nothing side by side is no value."""
    return _TWO_IDS.iter_unpack(records or b"")


def _numbers(plains: Sequence[bytes]) -> tuple[int, ...]:
    return struct.unpack(f"!{len(plains)}q", b"".join(plains))


@cache
def _entry(digits: int, rest: str) -> struct.Struct:
    return struct.Struct(f"!{_ENTRY_MARK_BYTES + digits}s{_CELL_BYTES}s{_PAIR_BYTES}si{rest}")
