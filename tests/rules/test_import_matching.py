"""Which transaction is a row, and which two lines are one transfer?"""

from datetime import date, timedelta
from uuid import UUID

import pytest

from tallystick.imports.matching import CERTAIN, DAYS_MAX, LIKELY, POSSIBLE, Candidate, are_alike, best_match
from tallystick.imports.reading.detecting import Format
from tallystick.imports.reading.lines import Amount, Line, Reading
from tallystick.imports.transfers import find_other_sides, with_transfers

DAY = date(2026, 3, 10)
OURS, BANKS = "ts1-00", "FITID 1"


def line(payee: str = "Café Nero", **other: object) -> Line:
    fields: dict[str, object] = {"row": 1, "day": DAY, "amount": Amount("EUR", -350), "payee": payee}
    return Line(**fields | other)  # type: ignore[arg-type]  # of a line


def candidate(days: int = 0, payee: str = "Cafe Nero 0231", import_key: str = "", number: int = 1) -> Candidate:
    return Candidate(UUID(int=number), DAY + timedelta(days), payee, "", import_key)


@pytest.mark.parametrize(
    ("one", "key", "expected"),
    [
        (candidate(), OURS, LIKELY),
        (candidate(days=DAYS_MAX), OURS, LIKELY),
        (candidate(days=DAYS_MAX + 1), OURS, None),
        (candidate(payee="Lunch"), OURS, LIKELY),
        (candidate(days=1, payee="Lunch"), OURS, POSSIBLE),
        (candidate(import_key=BANKS), OURS, LIKELY),
        (candidate(import_key=BANKS, payee="Lunch"), OURS, None),
        (candidate(import_key=BANKS, days=1), OURS, None),
        (candidate(import_key=BANKS), BANKS + "2", None),
        (candidate(import_key=OURS, days=1), OURS + "1", None),
    ],
    ids=[
        *("same day", "near", "too far", "other payee", "near and other payee", "of a bank"),
        *("of a bank and other payee", "of a bank and near", "of the same bank", "of the same source"),
    ],
)
def test_how_sure_a_match_is(one: Candidate, key: str, expected: int | None) -> None:
    match = best_match(line(), key, [one])
    assert (match.confidence if match else None) == expected
    assert expected != CERTAIN


def test_the_nearest_of_those_alike_is_taken() -> None:
    match = best_match(
        line(), OURS, [candidate(3, number=1), candidate(1, number=2), candidate(1, payee="Lunch", number=3)]
    )
    assert match is not None
    assert match.transaction_id == str(UUID(int=2))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("REWE SAGT DANKE 4411", "Rewe", True),
        ("Amazon Marketplace EU", "marketplace amazon", True),
        ("Bakery", "Butcher", False),
        ("", "Bakery", False),
        ("a", "b", False),
    ],
    ids=["holds", "words", "other", "empty", "short"],
)
def test_payees_are_alike_by_their_words(one: str, other: str, alike: bool) -> None:
    assert are_alike(one, other) is are_alike(other, one) is alike


def moved(account: str, other: str, minor: int, day: date = DAY, currency: str = "EUR") -> Line:
    return line("", account=account, other_account=other, amount=Amount(currency, minor), day=day)


def test_two_sides_of_a_transfer_find_each_other_once() -> None:
    lines = [moved("A", "B", -5), moved("A", "B", -5), moved("B", "A", 5), moved("B", "A", 6), moved("B", "C", 5)]
    assert find_other_sides(lines) == {0: 2, 2: 0}


def test_in_two_currencies_the_day_and_the_accounts_decide() -> None:
    lines = [moved("A", "B", -500), moved("B", "A", 540, currency="USD"), moved("B", "A", 1, DAY + timedelta(1), "USD")]
    assert find_other_sides(lines) == {0: 1, 1: 0}


def test_programs_that_name_the_other_account_as_a_payee_mean_a_transfer() -> None:
    told = Reading((line("Transfer : Savings", account="Giro"), line("Shop", account="Savings")))
    first, second = with_transfers(Format.YNAB, told).lines
    assert (first.other_account, first.payee) == ("Savings", "")
    assert second.other_account == ""
    assert with_transfers(Format.CSV, told) is told
