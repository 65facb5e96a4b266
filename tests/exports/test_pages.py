"""Are pages the same everywhere, and is what they show the statement?"""

import io
from datetime import date, timedelta

from pypdf import PdfReader

from tallystick.exports.numbers import grouped
from tallystick.exports.pages.compiling import compile_pages
from tallystick.exports.pages.statements import compose_statement
from tallystick.exports.statement import Line, Statement
from tallystick.v1.ledger_pb2 import Account, Book, Transaction

FIRST = date(2026, 1, 1)


def statement_of(count: int, name: str = "Everyday") -> tuple[Statement, list[Line]]:
    lines, balance = [], 100_000
    for number in range(count):
        moved = 5000 if number % 7 == 0 else -1234
        balance += moved
        day = (FIRST + timedelta(days=number)).isoformat()
        lines.append(Line(Transaction(booked_on=day, note="note"), moved, balance, f"Shop {number}", ("Food",), ()))
    account = Account(name=name, currency="EUR")
    return Statement(Book(name="Home"), account, FIRST, FIRST + timedelta(days=count), 100_000, balance, []), lines


def made(count: int, name: str = "Everyday") -> bytes:
    return compile_pages("statement", compose_statement(*statement_of(count, name), FIRST))


def test_the_same_statement_is_the_same_bytes() -> None:
    assert made(20) == made(20)
    assert made(20) != made(20, "Another")


def test_pages_are_as_many_as_ever() -> None:
    """If you are here because this failed, pages hold more or fewer lines than before. If that was meant, look at them and change the
    numbers."""
    assert {count: len(PdfReader(io.BytesIO(made(count))).pages) for count in (0, 10, 80, 200)} == {
        0: 1,
        10: 1,
        80: 4,
        200: 8,
    }


def test_figures_are_sums_of_the_lines() -> None:
    statement, lines = statement_of(50)
    figures = {each["label"]: each["amount"] for each in compose_statement(statement, lines, FIRST)["figures"]}
    gained = sum(line.moved for line in lines if line.moved > 0)
    spent = sum(line.moved for line in lines if line.moved < 0)
    assert figures == {
        "Opening balance": grouped(100_000, "EUR"),
        "Money in": grouped(gained, "EUR"),
        "Money out": grouped(spent, "EUR"),
        "Closing balance": grouped(100_000 + gained + spent, "EUR"),
    }


def test_names_of_any_length_fit() -> None:
    reader = PdfReader(io.BytesIO(made(3, "W" * 200)))
    assert len(reader.pages) == 1
