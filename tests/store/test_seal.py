"""Does a sealed cell open only in its own place, in its newest state, with its own space's key?"""

import os
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tallystick.store.seal import GENERATION_BYTES, HEAD_BYTES, CellDamaged, SpaceSeal

PLACE, ROW, VERSION = b"entry.amount", b"row", 7
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def make_seal(space_id: UUID | None = None, *generations: int) -> SpaceSeal:
    numbers = generations or (1,)
    keys = {number: AESGCM(os.urandom(32)) for number in numbers}
    return SpaceSeal(space_id or uuid4(), max(numbers), keys)


@pytest.fixture
def seal() -> SpaceSeal:
    return make_seal()


@pytest.fixture
def cell(seal: SpaceSeal) -> bytes:
    return seal.close(PLACE, ROW, VERSION, b"12.50")


def test_a_cell_opens_in_its_own_place(seal: SpaceSeal, cell: bytes) -> None:
    assert seal.open(PLACE, ROW, VERSION, cell) == b"12.50"


@pytest.mark.parametrize(
    ("place", "row", "version"),
    [
        (b"balance.amount", ROW, VERSION),
        (PLACE, b"other row", VERSION),
        (PLACE, b"", VERSION),
        (PLACE, ROW, VERSION + 1),
        (PLACE, ROW, -VERSION),
    ],
)
def test_a_cell_that_was_moved_does_not_open(
    seal: SpaceSeal, cell: bytes, place: bytes, row: bytes, version: int
) -> None:
    with pytest.raises(CellDamaged):
        seal.open(place, row, version, cell)


def test_swapped_cells_do_not_open(seal: SpaceSeal) -> None:
    one, two = seal.close(PLACE, b"one", VERSION, b"1"), seal.close(PLACE, b"two", VERSION, b"2")
    for row, swapped in ((b"one", two), (b"two", one)):
        with pytest.raises(CellDamaged):
            seal.open(PLACE, row, VERSION, swapped)


def test_an_older_state_put_back_does_not_open(seal: SpaceSeal) -> None:
    older = seal.close(PLACE, ROW, VERSION, b"rich")
    seal.close(PLACE, ROW, VERSION + 1, b"poor")
    with pytest.raises(CellDamaged):
        seal.open(PLACE, ROW, VERSION + 1, older)


def test_a_cell_does_not_open_in_another_space_with_the_same_key() -> None:
    key = AESGCM(os.urandom(32))
    here, there = SpaceSeal(uuid4(), 1, {1: key}), SpaceSeal(uuid4(), 1, {1: key})
    with pytest.raises(CellDamaged):
        there.open(PLACE, ROW, VERSION, here.close(PLACE, ROW, VERSION, b"12.50"))


def test_a_cell_does_not_open_with_another_key(cell: bytes, seal: SpaceSeal) -> None:
    with pytest.raises(CellDamaged):
        make_seal(seal.space_id).open(PLACE, ROW, VERSION, cell)


@pytest.mark.parametrize("length", [0, 1, 2, 9, 10, 13, 14, 29, 32])
def test_a_cell_that_is_cut_off_does_not_open(seal: SpaceSeal, cell: bytes, length: int) -> None:
    with pytest.raises(CellDamaged):
        seal.open(PLACE, ROW, VERSION, cell[:length])


def test_a_cell_with_any_bit_turned_does_not_open(seal: SpaceSeal, cell: bytes) -> None:
    for position in range(len(cell) * 8):
        turned = bytearray(cell)
        turned[position // 8] ^= 1 << position % 8
        with pytest.raises(CellDamaged):
            seal.open(PLACE, ROW, VERSION, bytes(turned))


def test_a_cell_opens_with_the_generation_that_it_names() -> None:
    space_id, keys = uuid4(), {number: AESGCM(os.urandom(32)) for number in (1, 2)}
    older = SpaceSeal(space_id, 1, keys).close(PLACE, ROW, VERSION, b"12.50")
    newer = SpaceSeal(space_id, 2, keys)
    assert newer.open(PLACE, ROW, VERSION, older) == b"12.50"
    assert newer.close(PLACE, ROW, VERSION, b"")[:GENERATION_BYTES] == b"\x00\x02"
    with pytest.raises(CellDamaged):
        SpaceSeal(space_id, 2, {2: keys[2]}).open(PLACE, ROW, VERSION, older)


def test_no_two_of_100_000_cells_share_a_nonce(seal: SpaceSeal) -> None:
    nonces = {seal.close(PLACE, ROW, VERSION, b"")[GENERATION_BYTES:HEAD_BYTES] for _ in range(100_000)}
    assert len(nonces) == 100_000


@given(number=st.one_of(st.integers(INT64_MIN, INT64_MAX), st.sampled_from([INT64_MIN, INT64_MAX, -1, 0, 1])))
def test_every_number_of_64_bits_comes_back_and_takes_the_same_room(number: int) -> None:
    seal = make_seal()
    cell = seal.close_number(PLACE, ROW, VERSION, number)
    assert seal.open_number(PLACE, ROW, VERSION, cell) == number
    assert len(cell) == len(seal.close_number(PLACE, ROW, VERSION, 0))


@pytest.mark.parametrize("number", [INT64_MIN - 1, INT64_MAX + 1])
def test_a_number_over_64_bits_is_refused_and_not_cut(seal: SpaceSeal, number: int) -> None:
    with pytest.raises(OverflowError):
        seal.close_number(PLACE, ROW, VERSION, number)
