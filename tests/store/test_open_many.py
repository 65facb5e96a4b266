"""Do many cells open as each of them would by itself?"""

import os
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tallystick.store.seal import VERSION_BYTES, CellDamaged, SpaceSeal

PLACE = b"transaction.gist"


def make_seals() -> tuple[SpaceSeal, SpaceSeal]:
    """A space's seal before and after it got a new key."""
    space_id, keys = uuid4(), {1: AESGCM(os.urandom(32)), 2: AESGCM(os.urandom(32))}
    return SpaceSeal(space_id, 1, keys), SpaceSeal(space_id, 2, keys)


def row_of(seal: SpaceSeal, version: int, row: bytes, plain: bytes) -> tuple[bytes, bytes, str]:
    mark = version.to_bytes(VERSION_BYTES, signed=True) + row
    return mark, seal.close(PLACE, row, version, plain), "what follows is left alone"


cells = st.lists(
    st.tuples(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=20), st.binary(max_size=60), st.booleans()),
    max_size=8,
)


@given(cells=cells)
def test_many_cells_open_in_their_order_whatever_key_closed_them(cells: list[tuple[int, bytes, bytes, bool]]) -> None:
    older, newer = make_seals()
    rows = [row_of(older if is_older else newer, version, row, plain) for version, row, plain, is_older in cells]
    assert newer.open_many(PLACE, rows) == [plain for _, _, plain, _ in cells]


@pytest.mark.parametrize("broken", ["mark", "cell", "place", "cut off", "generation"])
def test_one_damaged_cell_among_many_is_damage(broken: str) -> None:
    _, seal = make_seals()
    rows = [row_of(seal, number, bytes([number]), b"plain") for number in range(1, 4)]
    mark, cell, rest = rows[1]
    place = b"entry.amount" if broken == "place" else PLACE
    rows[1] = {
        "mark": (rows[0][0], cell, rest),
        "cell": (mark, cell[:-1] + bytes([cell[-1] ^ 1]), rest),
        "place": rows[1],
        "cut off": (mark, cell[:10], rest),
        "generation": (mark, b"\x00\x09" + cell[2:-1] + b"\x00", rest),
    }[broken]
    with pytest.raises(CellDamaged):
        seal.open_many(place, rows)
