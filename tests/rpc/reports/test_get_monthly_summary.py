"""What is a month on one page? What was earned, spent and saved, and on what and with whom most of it."""

import pytest

from people import BookOf, Person, new_id
from rpc.ledger import accounts, categories
from rpc.ledger.accounts import INCOME, REFUND
from rpc.reports.household import PERIOD_BEFORE, YEAR_BEFORE, get, report, set_book
from rpc.reports.promises import NOBODYS, SEEKING, is_refused, keeps_the_promises_of_a_report, refuses_wrong_amounts
from tallystick_client.v1 import ledger_labels_pb2
from tallystick_client.v1.money_pb2 import Money


async def payee(book: BookOf, name: str) -> str:
    answer = await book.person.ledger.CreatePayee(
        ledger_labels_pb2.CreatePayeeRequest(request_id=new_id(), book_id=book.id, name=name)
    )
    made: str = answer.payee.id
    return made


async def test_it_keeps_its_promises(book: BookOf, bob: Person) -> None:
    await keeps_the_promises_of_a_report(book, bob, "MonthlySummary")
    await refuses_wrong_amounts(book, "MonthlySummary")
    for on in ("2026-02-29", "2026-00-01"):
        assert await is_refused(book, "MonthlySummary", "INVALID_DATE", on=on) == ("on",)


async def test_income_spending_and_what_is_left(book: BookOf) -> None:
    await book.spend(3000, kind=INCOME, category_id=book.earning_id)
    await book.spend(1100)
    await book.spend(100, kind=REFUND)
    told = await report(book, "MonthlySummary", on="2026-02-28")
    assert (told.income.minor, told.spending.minor, told.saved.minor) == (3000, 1000, 2000)
    # Two thirds, in hundredths of a percent.
    assert told.saving_rate_basis_points == 6667
    assert (told.days.from_on, told.days.until_on) == ("2026-02-01", "2026-02-28")


async def test_a_rate_needs_an_income_and_can_be_below_zero(book: BookOf) -> None:
    await book.spend(100)
    assert not (await report(book, "MonthlySummary", on="2026-02-01")).HasField("saving_rate_basis_points")
    await book.spend(50, kind=INCOME, category_id=book.earning_id)
    assert (await report(book, "MonthlySummary", on="2026-02-01")).saving_rate_basis_points == -10_000
    await book.spend(50, kind=INCOME, category_id="")
    assert (await report(book, "MonthlySummary", on="2026-02-01")).saving_rate_basis_points == 0


async def test_the_biggest_categories_with_all_below_them(book: BookOf) -> None:
    bread, home = await categories.make(book, parent_id=book.spending_id), await categories.make(book, "Home")
    for minor, category_id in ((10, bread.id), (5, book.spending_id), (14, home.id), (3, "")):
        await book.spend(minor, category_id=category_id)
    told = await report(book, "MonthlySummary", on="2026-02-01", biggest=2)
    assert [(each.category_id, each.own.minor, each.total.minor) for each in told.biggest_categories] == [
        (book.spending_id, 5, 15),
        (home.id, 14, 14),
    ]
    everything = await report(book, "MonthlySummary", on="2026-02-01", biggest=1000)
    assert [each.uncategorized for each in everything.biggest_categories] == [False, False, True]


async def test_payees_are_those_that_the_book_knows_or_texts_that_read_alike(book: BookOf) -> None:
    zoo = await payee(book, "Zoo")
    for minor, fields in (
        (10, {"payee": "Bakery"}),
        (1, {"payee": " BAKERY"}),
        (12, {"payee": "Tickets", "payee_id": zoo}),
        (99, {"payee": ""}),
        (5, {"payee": "Bakery", "kind": REFUND}),
        (77, {"payee": "Bakery", "kind": INCOME, "category_id": book.earning_id}),
    ):
        await book.spend(minor, **fields)
    told = await report(book, "MonthlySummary", on="2026-02-01")
    assert [(each.payee_id, each.name, each.spent.minor) for each in told.biggest_payees] == [
        (zoo, "Zoo", 12),
        ("", " BAKERY", 6),
    ]
    await book.person.ledger.DeletePayee(
        ledger_labels_pb2.DeletePayeeRequest(request_id=new_id(), book_id=book.id, payee_id=zoo)
    )
    assert (await report(book, "MonthlySummary", on="2026-02-01", biggest=1)).biggest_payees[0].name == "Zoo"


async def test_a_split_is_paid_to_its_payee_once(book: BookOf) -> None:
    bank = await accounts.make(book)
    parts = [
        {"amount": accounts.eur(10), "category_id": book.spending_id},
        {"amount": accounts.eur(7), "account_id": bank.id},
    ]
    await book.spend(17, category_id="", splits=parts)
    (found,) = (await report(book, "MonthlySummary", on="2026-02-01")).biggest_payees
    assert found.spent.minor == 17
    (found,) = (await report(book, "MonthlySummary", on="2026-02-01", filter={"account_ids": [bank.id]})).biggest_payees
    assert found.spent.minor == 7


@pytest.mark.parametrize(
    ("first", "on", "span"),
    [
        (25, "2026-05-03", ("2026-04-25", "2026-05-24")),
        (25, "2026-05-25", ("2026-05-25", "2026-06-24")),
        (28, "2026-03-01", ("2026-02-28", "2026-03-27")),
        (1, "2024-02-29", ("2024-02-01", "2024-02-29")),
    ],
)
async def test_a_month_begins_where_the_book_says(book: BookOf, first: int, on: str, span: tuple[str, str]) -> None:
    await set_book(book, first_day_of_month=first)
    for day in span:
        await book.spend(1, booked_on=day)
    told = await report(book, "MonthlySummary", on=on)
    assert (told.days.from_on, told.days.until_on) == span
    assert told.spending.minor == 2


@pytest.mark.parametrize("chosen", [*NOBODYS, *SEEKING], ids=lambda chosen: next(iter(chosen)))
async def test_filters_hold_for_all_of_it(book: BookOf, chosen: dict[str, object]) -> None:
    await book.spend(10, note="rye", status=accounts.PENDING)
    told = await report(book, "MonthlySummary", on="2026-02-01", filter=chosen)
    fits = chosen in SEEKING
    assert told.spending.minor == (10 if fits else 0)
    assert [each.spent.minor for each in told.biggest_payees] == ([10] if fits else [])


async def test_it_is_compared_with_the_month_before_or_a_year_before(book: BookOf) -> None:
    await book.spend(1, booked_on="2026-02-28")
    await book.spend(2, booked_on="2025-03-31")
    for comparison, spending in ((PERIOD_BEFORE, 1), (YEAR_BEFORE, 2)):
        answer = await get(book.person, "MonthlySummary", book.id, on="2026-03-31", compare_with=comparison)
        assert (answer.report.spending.minor, answer.previous.spending.minor) == (0, spending)
    assert not (await get(book.person, "MonthlySummary", book.id)).HasField("previous")


async def test_what_no_rate_leads_from_is_told_apart(book: BookOf) -> None:
    pesos = await accounts.make(book, currency="UYU")
    amount = Money(currency="UYU", minor=100)
    await book.spend(100, account_id=pesos.id, amount=amount)
    await book.spend(7)
    told = await report(book, "MonthlySummary", on="2026-02-01")
    assert (told.spending.minor, told.conversion.incomplete) == (7, True)
    assert told.conversion.unconverted[0].amount == amount
