"""What does a balance row hold? The sum of an account's entries, and the sum of each of its months.

With the months, what an account held on any day of many years is a few additions and the entries of one month. A cell starts with the
balance; after it come a mark and the months that have entries, in order. A cell without the mark is from before months were kept: its
months follow from the entries.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

_BALANCE = struct.Struct("!q")
_MONTH = struct.Struct("!iq")
_MARK = b"m"
_HEAD_BYTES = _BALANCE.size + len(_MARK)


def month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


@dataclass(slots=True)
class Sums:
    """An account's balance and the sums of its months, all in minor units."""

    balance: int = 0
    months: dict[int, int] = field(default_factory=dict)

    def before(self, month: int) -> int:
        """What the account held at the end of the month before."""
        return sum(amount for number, amount in self.months.items() if number < month)


def pack(balance: int, months: Mapping[int, int]) -> bytes:
    parts = [_BALANCE.pack(balance), _MARK]
    parts += [_MONTH.pack(number, months[number]) for number in sorted(months)]
    return b"".join(parts)


def unpack(plain: bytes) -> Sums | None:
    """The sums in a cell. None: it is from before months were kept."""
    if len(plain) == _BALANCE.size:
        return None
    return Sums(balance_of(plain), dict(_MONTH.iter_unpack(plain[_HEAD_BYTES:])))


def balance_of(plain: bytes) -> int:
    (balance,) = _BALANCE.unpack_from(plain)
    return int(balance)
