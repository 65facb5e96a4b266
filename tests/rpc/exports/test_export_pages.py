"""What PDFs promise: the figures of the API, on pages that hold what people typed as it is."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from people import MISSING_ID, BookOf, Person, refusal_of
from rpc.exports.taking import PDF, REPORT, Taken, refused, take
from rpc.ledger import accounts
from tallystick.exports.numbers import grouped
from tallystick.exports.pages import statements
from tallystick_client.v1.report_spending_pb2 import GetSpendingTrendsRequest

DAYS: dict[str, Any] = {"from_on": "2026-01-01", "until_on": "2026-03-31"}
TYPED = '#panic("x") *bold* $y$ \\ @ref <label>'
LETTERS = "Zażółć gęślą Аптека ₹ € ₺ ₴ ₿"


def pages_of(taken: Taken) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(taken.data)).pages]


async def test_a_statement_has_every_line_with_the_balances_of_the_api(book: BookOf) -> None:
    bank = await accounts.opened(book, 123_456, on="2025-12-01", name="Everyday")
    drafts = [
        accounts.draft(bank.id, 1000 + number, f"2026-0{1 + number // 28}-{1 + number % 28:02}", payee=f"Shop {number}")
        for number in range(80)
    ]
    await accounts.record_all(book, drafts)
    taken = await take(book.person, book_id=book.id, format=PDF, account_id=bank.id, **DAYS)
    pages = pages_of(taken)
    text = "\n".join(pages)
    assert (taken.name, taken.content_type) == ("Everyday-2026-01-01-2026-03-31.pdf", "application/pdf")
    assert (taken.items, len(pages)) == (80, 3)
    for line in await accounts.lines(book, bank.id, booked_from=DAYS["from_on"], booked_until=DAYS["until_on"]):
        row = f"{grouped(line.amount.minor, 'EUR')} {grouped(line.balance.minor, 'EUR')}"
        assert row in text
        assert line.transaction.payee in text
    assert f"Opening balance {grouped(123_456, 'EUR')}" in text
    assert f"Closing balance {grouped(await accounts.held(book, bank.id), 'EUR')}" in text


async def test_what_people_type_is_text_in_every_alphabet(book: BookOf) -> None:
    await book.spend(250, payee=TYPED, note=LETTERS)
    taken = await take(book.person, book_id=book.id, format=PDF, account_id=book.account_id, **DAYS)
    (text,) = pages_of(taken)
    assert TYPED in text
    for word in LETTERS.split():
        assert word in text


async def test_an_account_without_movements_has_a_statement_too(book: BookOf) -> None:
    taken = await take(book.person, book_id=book.id, format=PDF, account_id=book.account_id, until_on="2026-03-31")
    (text,) = pages_of(taken)
    assert "0.00" in text


async def test_a_report_has_the_figures_of_the_reports(book: BookOf) -> None:
    await book.spend(12_345)
    await book.spend(500_000, kind=accounts.INCOME, category_id=book.earning_id)
    taken = await take(book.person, book_id=book.id, format=PDF, content=REPORT, **DAYS)
    (text,) = pages_of(taken)
    trends = await book.person.reports.GetSpendingTrends(GetSpendingTrendsRequest(book_id=book.id, **DAYS))
    for money in (trends.report.total.earned, trends.report.total.spent, trends.report.total.saved):
        assert grouped(money.minor, "EUR") in text
    assert "Food" in text


async def test_a_report_of_an_empty_book_is_a_page(book: BookOf) -> None:
    assert len(pages_of(await take(book.person, book_id=book.id, format=PDF, content=REPORT))) == 1


async def test_more_than_pages_can_hold_is_refused(book: BookOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "LINES_MAX", 1)
    for _ in range(2):
        await book.spend(250)
    call = refused(book.person, book_id=book.id, format=PDF, account_id=book.account_id)
    refusal = await refusal_of(call)
    assert (refusal.reason, refusal.metadata["limit"], refusal.fields) == ("EXPORT_TOO_LARGE", "1", ("from_on",))


async def test_private_and_missing_accounts_are_not_found(book: BookOf, bob: Person) -> None:
    secret = await accounts.make(book, private=True)
    theirs = await accounts.shared_with(book, bob)
    for account_id in (secret.id, MISSING_ID):
        call = refused(theirs.person, book_id=book.id, format=PDF, account_id=account_id)
        assert (await refusal_of(call)).reason == "NOT_FOUND"
