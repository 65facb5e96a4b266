"""Is a code what people can read to each other, and is it found again however they type it?"""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.spaces.codes import ALPHABET, GROUP, SYMBOLS, Codes, read_code
from tallystick.store.keyring import Keyring

CODES = Codes(Keyring.generate())


@given(st.uuids())
def test_a_code_is_groups_of_symbols_that_nobody_confuses(invitation_id: UUID) -> None:
    groups = CODES.code_of(invitation_id).split("-")
    assert [len(group) for group in groups] == [GROUP] * (SYMBOLS // GROUP)
    assert set("".join(groups)) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


def test_a_code_holds_enough_chance_that_nobody_guesses_it() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert SYMBOLS * 5 >= 60


def test_every_place_of_a_code_can_hold_every_symbol() -> None:
    codes = [read_code(CODES.code_of(UUID(int=number))) or "" for number in range(2000)]
    assert all({code[place] for code in codes} == set(ALPHABET) for place in range(SYMBOLS))
    assert len(set(codes)) == len(codes)


@given(st.uuids(), st.booleans(), st.sampled_from(["", "-", " ", "–", " - ", "\t"]))
def test_a_code_is_found_in_any_case_and_with_any_dashes(invitation_id: UUID, is_low: bool, between: str) -> None:
    code = CODES.code_of(invitation_id)
    typed = between.join(code.split("-"))
    assert CODES.lookup_of(typed.lower() if is_low else typed) == CODES.lookup_of(code) is not None


@given(st.uuids(), st.sampled_from(["oO0", "iI1", "lL1"]))
def test_letters_that_look_like_digits_are_read_as_them(invitation_id: UUID, alike: str) -> None:
    code = CODES.code_of(invitation_id)
    assert {CODES.lookup_of(code.replace(alike[-1], letter)) for letter in alike} == {CODES.lookup_of(code)}


@given(st.text(max_size=40))
def test_whatever_somebody_types_is_a_code_or_none(typed: str) -> None:
    symbols = read_code(typed)
    assert symbols is None or (len(symbols) == SYMBOLS and set(symbols) <= set(ALPHABET))


def test_what_has_another_length_or_other_letters_is_no_code() -> None:
    assert read_code("") is None
    assert read_code("0123-4567-89A") is None
    assert read_code("0123-4567-89AB-C") is None
    assert read_code("0123-4567-89AU") is None


def test_two_installations_have_different_codes_for_the_same_invitation() -> None:
    other = Codes(Keyring.generate())
    assert other.code_of(UUID(int=1)) != CODES.code_of(UUID(int=1))
    assert other.lookup_of("0123456789AB") != CODES.lookup_of("0123456789AB")


def test_the_same_invitation_has_the_same_code_after_the_keyring_was_rotated() -> None:
    keyring = Keyring.generate()
    rotated = keyring.with_new_master().without_old_masters()
    assert Codes(rotated).code_of(UUID(int=1)) == Codes(keyring).code_of(UUID(int=1))
