"""How are all nets and debts of a group in one currency one cell? Pure.

    count   2 bytes: of how many members
    ids     16 bytes each, in the order in which they came in
    nets    8 bytes each
    debts   8 bytes for each pair, by the one who came later and then the earlier: what the earlier owes the later

One cell is one row to write however many share an expense. Twenty members are 2 kB, a hundred 42. Whoever joins comes last, so nothing
moves for them.
"""

import struct
from collections.abc import Iterator
from uuid import UUID

_ID_BYTES, _COUNT = 16, struct.Struct("<H")


class Tally:
    """What is open among the members of a group in one currency."""

    def __init__(self, cell: bytes = b"\0\0") -> None:
        (count,) = _COUNT.unpack_from(cell)
        end = _COUNT.size + count * _ID_BYTES
        self._ids = [cell[start : start + _ID_BYTES] for start in range(_COUNT.size, end, _ID_BYTES)]
        self._places = {each: place for place, each in enumerate(self._ids)}
        numbers = struct.unpack_from(f"<{count + count * (count - 1) // 2}q", cell, end)
        self._nets: list[int] = list(numbers[:count])
        self._debts: list[int] = list(numbers[count:])

    def pack(self) -> bytes:
        numbers = [*self._nets, *self._debts]
        return b"".join((_COUNT.pack(len(self._ids)), *self._ids, struct.pack(f"<{len(numbers)}q", *numbers)))

    def move_net(self, member_id: UUID, moved: int) -> int:
        """Returns what it is after."""
        place = self._place_of(member_id)
        self._nets[place] += moved
        return self._nets[place]

    def move_debt(self, one_id: UUID, other_id: UUID, moved: int) -> int:
        """From now on the one owes the other so much more. Returns what it is after."""
        one, other = self._place_of(one_id), self._place_of(other_id)
        if one < other:
            place, sign = other * (other - 1) // 2 + one, 1
        else:
            place, sign = one * (one - 1) // 2 + other, -1
        self._debts[place] += sign * moved
        return sign * self._debts[place]

    def nets(self) -> Iterator[tuple[UUID, int]]:
        """Those that are not zero."""
        return ((UUID(bytes=each), net) for each, net in zip(self._ids, self._nets, strict=True) if net)

    def debts(self) -> Iterator[tuple[UUID, UUID, int]]:
        """Those that are not zero: what the first owes the second. The first has the lesser id, and it may be below zero."""
        ids = [UUID(bytes=each) for each in self._ids]
        pairs = ((earlier, later) for later in range(len(ids)) for earlier in range(later))
        for (earlier, later), owes in zip(pairs, self._debts, strict=True):
            if owes:
                is_in_order = self._ids[earlier] < self._ids[later]
                yield (ids[earlier], ids[later], owes) if is_in_order else (ids[later], ids[earlier], -owes)

    def _place_of(self, member_id: UUID) -> int:
        found = self._places.get(member_id.bytes)
        if found is not None:
            return found
        place = self._places[member_id.bytes] = len(self._ids)
        self._ids.append(member_id.bytes)
        self._nets.append(0)
        self._debts += [0] * place
        return place
