"""What the CSV of transactions promises: it adds up, it is what the lists show, and our own imports read it back."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from people import BookOf, Person, refusal_of
from rpc.exports.taking import CSV, TRANSACTIONS, refused, take
from rpc.ledger import accounts
from rpc.ledger.accounts import eur
from rpc.ledger.crowded_book import CrowdedBook
from tallystick.currencies import EXPONENTS
from tallystick.imports.reading.detecting import Format
from tallystick.imports.reading.numbers import Mark
from tallystick.imports.reading.opening import Chosen, propose_columns, read_lines
from tallystick_client.v1.export_pb2 import ExportDecimalMark, ExportSeparator
from tallystick_client.v1.export_service_pb2 import ExportFilter, ExportTable
from tallystick_client.v1.ledger_pb2 import Split
from tallystick_client.v1.ledger_service_pb2 import ListTransactionsRequest, TransactionOrder
from tallystick_client.v1.role_pb2 import Role


def minor_of(row: dict[str, str], mark: str = ".") -> int:
    whole, _, decimals = row["Amount"].partition(mark)
    assert len(decimals) == EXPONENTS[row["Currency"]]
    return int(whole + decimals)


async def test_rows_are_the_entries_of_the_list_in_order_of_days(crowd: CrowdedBook) -> None:
    taken = await take(crowd.book.person, book_id=crowd.book.id, format=CSV, content=TRANSACTIONS)
    rows = taken.rows()
    assert (taken.name, taken.content_type) == ("Home-transactions.csv", "text/csv; charset=utf-8")
    assert taken.items == len(crowd.live)
    assert [row["Date"] for row in rows] == sorted(row["Date"] for row in rows)
    entries = Counter(
        (one.booked_on, f"{one.id}/{entry.line}", entry.amount.currency, entry.amount.minor)
        for one in crowd.live.values()
        for entry in one.entries
    )
    assert Counter((row["Date"], row["Id"], row["Currency"], minor_of(row)) for row in rows) == entries


async def test_amounts_of_an_account_add_up_to_what_it_holds(crowd: CrowdedBook) -> None:
    book = crowd.book
    names = {"Cash": book.account_id}
    rows = (await take(book.person, book_id=book.id)).rows()
    held: dict[str, int] = defaultdict(int)
    for row in rows:
        held[row["Account"]] += minor_of(row)
    assert held["Cash"] == await accounts.held(book, names["Cash"])


async def test_transfers_clear_and_splits_add_up(book: BookOf) -> None:
    bank = await accounts.make(book, name="Bank")
    await accounts.transfer(book, book.account_id, bank.id, 500, on="2026-02-03")
    await book.spend(
        900, splits=[Split(amount=eur(600), category_id=book.spending_id), Split(amount=eur(300))], category_id=""
    )
    sums: dict[str, int] = defaultdict(int)
    for row in (await take(book.person, book_id=book.id)).rows():
        sums[row["Kind"]] += minor_of(row)
    assert sums == {"transfer": 0, "expense": -900}


async def test_imports_read_it_back(crowd: CrowdedBook) -> None:
    taken = await take(crowd.book.person, book_id=crowd.book.id)
    proposed = propose_columns(taken.data, Format.CSV, Chosen())
    mapping = proposed.mapping
    assert (mapping.day, mapping.amount, mapping.currency, mapping.payee) == ("Date", "Amount", "Currency", "Payee")
    assert (mapping.note, mapping.bank_id, mapping.category, mapping.account) == ("Note", "Id", "Category", "Account")
    read = read_lines(taken.data, Format.CSV, Chosen(mapping=mapping))
    assert read.errors == ()
    expected = Counter(
        (one.booked_on, entry.amount.currency, entry.amount.minor, _payee(crowd, one).strip(), one.note.strip())
        for one in crowd.live.values()
        for entry in one.entries
    )
    found = Counter((line.day.isoformat(), *line.amount, line.payee, line.note) for line in read.lines)
    assert found == expected


def _payee(crowd: CrowdedBook, transaction: Any) -> str:
    return str(transaction.payee or crowd.payee_names.get(transaction.payee_id, ""))


@pytest.mark.parametrize(
    "typed", ["=1+1", "+49 30", "-x", "@SUM(A1)", "\tTab", "=cmd|' /C calc'!A0", '"quoted", and\nmore']
)
async def test_no_cell_is_a_formula_and_imports_take_the_guard_away(book: BookOf, typed: str) -> None:
    await book.spend(250, payee=typed, note=typed)
    taken = await take(book.person, book_id=book.id)
    (row,) = taken.rows()
    assert not row["Payee"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["Amount"] == "-2.50"
    chosen = Chosen(mapping=propose_columns(taken.data, Format.CSV, Chosen()).mapping)
    (line,) = read_lines(taken.data, Format.CSV, chosen).lines
    assert (line.payee, line.note) == (typed, typed)


async def test_tables_are_written_as_asked(book: BookOf) -> None:
    await book.spend(250, payee="a;b")
    table = ExportTable(
        separator=ExportSeparator.EXPORT_SEPARATOR_SEMICOLON,
        decimal_mark=ExportDecimalMark.EXPORT_DECIMAL_MARK_COMMA,
        with_bom=True,
    )
    taken = await take(book.person, book_id=book.id, table=table)
    assert taken.data.startswith(b"\xef\xbb\xbfDate;Account;")
    assert taken.data.endswith(b"\r\n")
    (row,) = taken.rows(";")
    assert (row["Amount"], row["Payee"]) == ("-2,50", "a;b")
    mapping = propose_columns(taken.data, Format.CSV, Chosen()).mapping
    assert mapping.mark is Mark.COMMA


async def test_filters_are_those_of_the_list(crowd: CrowdedBook) -> None:
    book, private = crowd.book, crowd.private_id
    tables: list[dict[str, Any]] = [
        {"account_ids": [book.account_id]},
        {"account_ids": [private]},
        {"category_ids": [book.spending_id]},
        {"payee_ids": [*crowd.payee_names][:1], "kinds": [accounts.EXPENSE]},
        {"tag_ids": crowd.tag_ids[:2]},
        {"payment_method_ids": crowd.method_ids[:1]},
        {"statuses": [accounts.PENDING]},
        {"currencies": ["JPY", "KWD"]},
        {"text": "cafe"},
        {"uncategorized": True},
        {"min_amount": eur(1000), "max_amount": eur(3000)},
    ]
    for filters in tables:
        listed = await book.person.ledger.ListTransactions(
            ListTransactionsRequest(
                book_id=book.id,
                page_size=200,
                booked_from="2026-03-02",
                booked_until="2026-03-11",
                order_by=TransactionOrder.TRANSACTION_ORDER_DATE_ASCENDING,
                **filters,
            )
        )
        days = {"from_on": "2026-03-02", "until_on": "2026-03-11"}
        taken = await take(book.person, book_id=book.id, filter=ExportFilter(**filters), **days)
        found = list(dict.fromkeys(row["Transaction"] for row in taken.rows()))
        assert listed.next_page_token == ""
        assert found == [one.id for one in listed.transactions], filters


async def test_private_accounts_are_for_their_owner_alone(book: BookOf, bob: Person) -> None:
    secret = await accounts.make(book, name="Secret", private=True)
    await accounts.record(book, secret.id, 700, on="2026-02-03", payee="Jeweller")
    await book.spend(250)
    theirs = await accounts.shared_with(book, bob, Role.ROLE_VIEWER)
    own, others = await take(book.person, book_id=book.id), await take(theirs.person, book_id=book.id)
    assert {row["Account"] for row in own.rows()} == {"Cash", "Secret"}
    assert {row["Account"] for row in others.rows()} == {"Cash"}
    assert b"Jeweller" not in others.data


async def test_a_foreign_or_missing_book_is_not_found(book: BookOf, bob: Person) -> None:
    assert (await refusal_of(refused(bob, book_id=book.id))).reason == "NOT_FOUND"
