"""By what is a row of a file known?"""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.imports.keys import Keys, is_made_here
from tallystick.imports.reading.lines import Amount, Line

ACCOUNT, OTHER = str(UUID(int=1)), str(UUID(int=2))
SECRET = b"s" * 32


def line(day: int = 1, minor: int = -350, payee: str = "Café", bank_id: str = "") -> Line:
    return Line(row=1, day=date(2026, 3, day), amount=Amount("EUR", minor), payee=payee, bank_id=bank_id)


def test_the_same_thing_twice_a_day_has_two_names_and_again_the_same_two() -> None:
    first, again = Keys(SECRET), Keys(SECRET)
    names = [first.made(ACCOUNT, line()) for _ in range(3)]
    assert len(set(names)) == 3
    assert [again.made(ACCOUNT, line()) for _ in range(3)] == names
    assert all(is_made_here(name) and len(name) <= 200 for name in names)


def test_each_part_and_the_secret_make_another_name() -> None:
    usual = Keys(SECRET).made(ACCOUNT, line())
    others = [
        Keys(SECRET).made(OTHER, line()),
        Keys(SECRET).made(ACCOUNT, line(day=2)),
        Keys(SECRET).made(ACCOUNT, line(minor=-351)),
        Keys(SECRET).made(ACCOUNT, line(payee="Kiosk")),
        Keys(b"t" * 32).made(ACCOUNT, line()),
    ]
    assert usual not in others
    assert Keys(SECRET).made(ACCOUNT, line(payee=" CAFÉ ")) == usual


def test_a_bank_cannot_pretend_a_name_of_ours_and_a_long_one_is_not_kept() -> None:
    keys = Keys(SECRET)
    assert keys.of_bank(line(bank_id="A1")) == "A1"
    assert keys.of_bank(line(bank_id=keys.made(ACCOUNT, line()))) == ""
    assert keys.of_bank(line(bank_id="x" * 201)) == ""


@given(st.lists(st.sampled_from([line(), line(day=2), line(minor=-1), line(payee="Kiosk")]), max_size=12), st.randoms())
def test_whatever_order_a_day_is_told_in_its_names_are_the_same(lines: list[Line], dice: object) -> None:
    shuffled = [*lines]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis' own Random
    one, other = Keys(SECRET), Keys(SECRET)
    assert {one.made(ACCOUNT, each) for each in lines} == {other.made(ACCOUNT, each) for each in shuffled}
