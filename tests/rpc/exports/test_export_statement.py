"""What a statement as OFX and QIF promises: it leads from one balance to the next, and our own imports read it back."""

from collections import Counter
from typing import Any

import pytest

from people import MISSING_ID, BookOf, Person, make_book, refusal_of
from rpc.exports.taking import OFX, QIF, refused, take
from rpc.ledger import accounts
from rpc.ledger.crowded_book import CrowdedBook
from tallystick.exports.numbers import plain
from tallystick.imports.reading.days import Order
from tallystick.imports.reading.detecting import Format
from tallystick.imports.reading.numbers import Mark
from tallystick.imports.reading.opening import Chosen, read_lines
from tallystick_client.v1.ledger_pb2 import AccountType, Split

FORMATS = {OFX: Format.OFX, QIF: Format.QIF}


async def test_imports_read_back_the_lines_of_every_account(crowd: CrowdedBook) -> None:
    book = crowd.book
    for account_id, currency in crowd.currency_of.items():
        days = {"from_on": "2026-03-03", "until_on": "2026-03-09"}
        listed = await accounts.lines(book, account_id, booked_from=days["from_on"], booked_until=days["until_on"])
        expected = Counter((line.transaction.booked_on, currency, line.amount.minor) for line in listed)
        for format_, known in FORMATS.items():
            taken = await take(book.person, book_id=book.id, format=format_, account_id=account_id, **days)
            chosen = Chosen(currency=currency, order=Order.YEAR_MONTH_DAY, mark=Mark.POINT)
            read = read_lines(taken.data, known, chosen)
            assert read.errors == ()
            assert Counter((line.day.isoformat(), *line.amount) for line in read.lines) == expected
            payees = Counter(_payee(crowd, line.transaction)[:32].strip() for line in listed)
            assert Counter(line.payee[:32].strip() for line in read.lines) == payees
            assert taken.items == len(listed)
            assert [line.day for line in read.lines] == sorted(line.day for line in read.lines)


def _payee(crowd: CrowdedBook, transaction: Any) -> str:
    return " ".join(str(transaction.payee or crowd.payee_names.get(transaction.payee_id, "")).split())


async def test_ofx_says_what_is_held_and_names_each_transaction_alike_for_ever(book: BookOf) -> None:
    await book.spend(250, booked_on="2026-02-03")
    later = (await book.spend(300, booked_on="2026-02-05")).transaction
    asked: dict[str, Any] = {"book_id": book.id, "format": OFX, "account_id": book.account_id, "until_on": "2026-02-28"}
    first = await take(book.person, **asked)
    second = await take(book.person, from_on="2026-02-04", **asked)
    for taken, lines in ((first, 2), (second, 1)):
        assert b"<BALAMT>-5.50</BALAMT><DTASOF>20260228</DTASOF>" in taken.data
        read = read_lines(taken.data, Format.OFX, Chosen()).lines
        assert len(read) == lines
        assert read[-1].bank_id == later.id
        assert read[-1].amount.currency == "EUR"


async def test_words_of_people_are_no_tags(book: BookOf) -> None:
    await book.spend(250, payee="A <B> & 'C'\n</STMTTRN>", note="</OFX>\x01")
    taken = await take(book.person, book_id=book.id, format=OFX, account_id=book.account_id)
    (line,) = read_lines(taken.data, Format.OFX, Chosen()).lines
    assert (line.payee, line.note) == ("A <B> & 'C' </STMTTRN>", "</OFX>")


async def test_qif_has_splits_categories_and_the_other_account(book: BookOf) -> None:
    bank = await accounts.make(book, name="My bank", type=AccountType.ACCOUNT_TYPE_CHECKING)
    parts = [Split(amount=accounts.eur(600), category_id=book.spending_id), Split(amount=accounts.eur(300))]
    await book.spend(900, splits=parts, category_id="", booked_on="2026-02-03")
    await book.spend(250, booked_on="2026-02-04")
    await accounts.transfer(book, book.account_id, bank.id, 500, on="2026-02-05")
    text = (await take(book.person, book_id=book.id, format=QIF, account_id=book.account_id)).data.decode()
    assert text.startswith("!Account\r\nNCash\r\nTCash\r\n^\r\n!Type:Cash\r\n")
    entries = [entry.split("\r\n") for entry in text.split("!Type:Cash\r\n")[1].split("^\r\n") if entry]
    assert "SFood" in entries[0]
    assert [part for part in entries[0] if part.startswith("$")] == ["$-6.00", "$-3.00"]
    assert "LFood" in entries[1]
    assert "L[My bank]" in entries[2]


async def test_cards_have_statements_of_cards(book: BookOf) -> None:
    card = await accounts.make(book, name="Card", type=AccountType.ACCOUNT_TYPE_CREDIT_CARD)
    taken = await take(book.person, book_id=book.id, format=OFX, account_id=card.id)
    assert b"<CCACCTFROM>" in taken.data
    assert b"<BANKACCTFROM>" not in taken.data


async def test_without_an_end_it_ends_today(book: BookOf) -> None:
    await book.spend(250, booked_on="2199-01-01")
    taken = await take(book.person, book_id=book.id, format=OFX, account_id=book.account_id)
    assert read_lines(taken.data, Format.OFX, Chosen()).lines == ()
    assert b"<BALAMT>0.00</BALAMT>" in taken.data


async def test_a_foreign_private_or_missing_account_is_not_found(book: BookOf, bob: Person) -> None:
    secret, foreign = await accounts.make(book, private=True), await make_book(bob)
    theirs = await accounts.shared_with(book, bob)
    for account_id in (secret.id, foreign.account_id, MISSING_ID):
        for format_ in FORMATS:
            call = refused(theirs.person, book_id=book.id, format=format_, account_id=account_id)
            assert (await refusal_of(call)).reason == "NOT_FOUND"


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "CLF"])
async def test_amounts_have_the_decimals_of_their_currency(currency: str) -> None:
    assert (
        plain(-1234567, currency)
        == {"EUR": "-12345.67", "JPY": "-1234567", "KWD": "-1234.567", "CLF": "-123.4567"}[currency]
    )
    assert plain(5, currency) == {"EUR": "0.05", "JPY": "5", "KWD": "0.005", "CLF": "0.0005"}[currency]
