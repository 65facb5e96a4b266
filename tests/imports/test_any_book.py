"""Does taking in, taking in again and taking back leave any book as it was, whatever is in the file?"""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.desk import Desk, statement
from people import BookOf, new_id

# Few of each, so that much is alike.
DAYS = st.integers(0, 6).map(lambda days: date(2026, 3, 1) + timedelta(days))
AMOUNTS = st.sampled_from([-350, -400, 350, 1200])
PAYEES = st.sampled_from(["Café Nero", "Kiosk", "", "Bakery Müller & Sons"])


@dataclass(frozen=True)
class Bought:
    """A row, and what is written down by hand."""

    day: date
    minor: int
    payee: str

    @property
    def row(self) -> str:
        sign, minor = "-" if self.minor < 0 else "", abs(self.minor)
        return f"{self.day.isoformat()},{self.payee},{sign}{minor // 100}.{minor % 100:02},{self.payee}"


BOUGHT = st.builds(Bought, DAYS, AMOUNTS, PAYEES)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(by_hand=st.lists(BOUGHT, max_size=6), rows=st.lists(BOUGHT, min_size=1, max_size=10), cut=st.integers(0, 10))
async def test_any_file_comes_in_once_and_goes_without_a_trace(
    book: BookOf, by_hand: list[Bought], rows: list[Bought], cut: int
) -> None:
    desk = Desk(await _another_account(book))
    for each in by_hand:
        await desk.book.spend(
            abs(each.minor),
            kind=1 if each.minor < 0 else 2,
            category_id="",
            payee=each.payee,
            note="",
            booked_on=each.day.isoformat(),
        )
    before = await desk.book.balance()
    # The marker keeps a file of one amount from asking which way money goes.
    marker = Bought(date(2026, 1, 1), -1, "first")
    days = sorted({each.day for each in rows})
    part = [each for each in rows if each.day <= days[min(cut, len(days) - 1)]]

    first = await desk.take_in(_file([marker, *part]))
    whole = await desk.take_in(_file([marker, *rows]))
    after = await desk.book.balance()
    again = await desk.take_in(_file([*reversed(rows), marker]))
    assert again.counts.imported == 0
    assert await desk.book.balance() == after
    imported = first.counts.imported + whole.counts.imported
    # A row is in the book, or it is what somebody wrote down: never both, never neither.
    assert imported + _known(first) + _known(whole) - 1 - len(part) == len(rows) + 1

    for each in (whole, first):
        reverted = await desk.revert(each.id)
        assert (reverted.counts.reverted, reverted.counts.kept) == (each.counts.imported, 0)
    assert await desk.book.balance() == before


def _known(done: object) -> int:
    return int(done.counts.duplicates)  # type: ignore[attr-defined]  # an import


def _file(rows: list[Bought]) -> str:
    return statement(*(each.row for each in rows), head="Date,Payee,Amount,Note")


async def _another_account(book: BookOf) -> BookOf:
    """Each example has an account of its own: what other examples left is on theirs."""
    made = await Desk(book).add_account(f"Account {new_id()}")
    return BookOf(book.person, book.id, made, book.spending_id, book.earning_id)
