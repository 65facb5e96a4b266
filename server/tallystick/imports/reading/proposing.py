"""Which mapping fits a sheet, how sure is each part of it, and what has to be asked? Pure."""

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any, NamedTuple

from tallystick.imports.reading.columns import Column, best_named, columns_of
from tallystick.imports.reading.header_words import Field
from tallystick.imports.reading.lines import Reading
from tallystick.imports.reading.mapping import Mapping, first_rows, read_rows
from tallystick.imports.reading.numbers import find_marks
from tallystick.imports.reading.sheets import Sheet

PREVIEW_ROWS = 10


class Confidence(IntEnum):
    """How sure a part of a mapping is. What is UNKNOWN has to be asked."""

    UNKNOWN = 0
    # Something had to be taken.
    GUESSED = 1
    # The header or the cells say so.
    LIKELY = 2
    # Both do, or nothing else fits.
    CERTAIN = 3


class Part(NamedTuple):
    """A field of the mapping."""

    field: str
    confidence: Confidence
    reason: str


class Question(NamedTuple):
    """A field of the mapping that the file leaves open, and what it may be. The mapping holds the first."""

    field: str
    options: tuple[str, ...]


class Proposal(NamedTuple):
    mapping: Mapping
    parts: tuple[Part, ...]
    questions: tuple[Question, ...]
    # The first rows by this mapping; empty as long as the day or the amount is unknown.
    preview: Reading


def propose(sheet: Sheet, currency: str = "") -> Proposal:
    """The currency is that of the account that the lines are for, where the file tells none."""
    return _Proposing(sheet, currency).result()


def preview_of(sheet: Sheet, mapping: Mapping, currency: str) -> Reading:
    is_whole = mapping.day and (mapping.amount or mapping.debit or mapping.credit)
    return read_rows(first_rows(sheet, PREVIEW_ROWS), mapping, currency) if is_whole else Reading(())


class _Proposing:
    """Takes one field after the other, each from the columns that are left."""

    def __init__(self, sheet: Sheet, currency: str) -> None:
        self._sheet = sheet
        self._currency = currency
        self._columns = columns_of(sheet)
        self._left = [*self._columns]
        self._mapping = Mapping(day="")
        self._parts: list[Part] = []
        self._questions: list[Question] = []

    def result(self) -> Proposal:
        self._take_day()
        self._take_amounts()
        self._take_currency()
        self._take_texts()
        preview = preview_of(self._sheet, self._mapping, self._currency)
        return Proposal(self._mapping, tuple(self._parts), tuple(self._questions), preview)

    def _take_day(self) -> None:
        days = [column for column in self._left if column.orders and column.is_full and not _is_count(column)]
        named = best_named(days, Field.DAY) or (None if days else best_named(self._left, Field.DAY))
        column = named or (days[0] if days else None)
        if column is None:
            self._ask("day", [each.name for each in self._left], "no column holds a day in every row")
            return
        if named is None and len(days) > 1:
            self._ask("day", [each.name for each in days], "several columns hold days")
        else:
            self._say("day", _sureness(by_header=bool(named), by_cells=bool(column.orders)), column)
        self._set("day", column)
        # Other days are no amounts, whatever their digits.
        self._left = [each for each in self._left if each not in days]
        self._take_order(column)

    def _take_order(self, column: Column) -> None:
        orders = column.orders or column.orders_by_rows()
        self._mapping = replace(self._mapping, order=orders[0])
        if column.is_empty:
            return
        if len(orders) > 1:
            reason = "all rows are days in several orders" if column.orders else "some rows are days in no order"
            self._ask("order", orders, reason)
        else:
            self._parts.append(Part("order", Confidence.CERTAIN, f"all rows are days as {orders[0]}"))

    def _take_amounts(self) -> None:
        named = self._best_of_numbers(Field.AMOUNT)
        if named:
            self._say("amount", _sureness(by_header=True, by_cells=bool(named.marks)), named)
            self._take_amount(named)
        elif not self._take_two():
            self._guess_amount()

    def _take_two(self) -> bool:
        debit, credit = self._best_of_numbers(Field.DEBIT), self._best_of_numbers(Field.CREDIT)
        if not debit and not credit:
            return False
        for field, column in (("debit", debit), ("credit", credit)):
            if column:
                self._say(field, _sureness(by_header=True, by_cells=bool(column.marks)), column)
                self._set(field, column)
        if debit:
            self._mapping = replace(self._mapping, debit_is_signed=debit.signs() == {-1})
        self._take_mark([column for column in (debit, credit) if column])
        return True

    def _best_of_numbers(self, field: Field) -> Column | None:
        clean = [column for column in self._left if column.marks or column.is_empty]
        named = [column for column in self._left if column.place(field) is not None]
        return best_named(clean, field) or best_named([column for column in named if column.may_be_amounts], field)

    def _guess_amount(self) -> None:
        numbers = [column for column in self._left if column.marks and column.is_full and not column.is_known]
        numbers = [column for column in numbers if column.has_decimals] or numbers
        if not numbers:
            options = [column.name for column in self._left if column.marks] or [each.name for each in self._left]
            self._ask("amount", options, "no column is full of numbers")
            return
        if len(numbers) > 1:
            self._ask("amount", [column.name for column in numbers], "several columns are full of numbers")
        else:
            self._say("amount", Confidence.LIKELY, numbers[0])
        self._take_amount(numbers[0])

    def _take_amount(self, column: Column) -> None:
        self._set("amount", column)
        self._take_mark([column])
        if column.signs() == {1} and not self._take_sign():
            self._ask("spent_is_positive", ("false", "true"), "no amount is below zero")

    def _take_sign(self) -> bool:
        words = [column for column in self._left if column.ways and column.is_full]
        named = best_named(words, Field.SIGN)
        column = named or next((each for each in words if len(each.ways) > 1), None)
        if column is None:
            return False
        self._say("sign", _sureness(by_header=bool(named), by_cells=True), column)
        self._set("sign", column)
        return True

    def _take_mark(self, columns: Sequence[Column]) -> None:
        """The amounts are asked first, together; if they leave it open, the balances beside them."""
        texts = [text for column in columns for text in column.texts]
        fitting = find_marks(texts)
        marks = fitting or columns[0].marks_by_rows()
        if len(fitting) > 1:
            balance = best_named(self._left, Field.BALANCE)
            marks = (balance and find_marks([*texts, *balance.texts])) or fitting
        self._mapping = replace(self._mapping, mark=marks[0])
        if len(marks) > 1 and texts:
            self._ask(
                "mark", marks, "all amounts are numbers with either" if fitting else "some amounts are no numbers"
            )
        elif texts:
            self._parts.append(Part("mark", Confidence.CERTAIN, f"all amounts are numbers with {marks[0]}"))

    def _take_currency(self) -> None:
        codes = [column for column in self._left if column.are_currencies]
        named = best_named(codes, Field.CURRENCY)
        column = named or (codes[0] if codes else None)
        if column:
            self._say("currency", _sureness(by_header=bool(named), by_cells=True), column)
            self._set("currency", column)

    def _take_texts(self) -> None:
        for field in (Field.PAYEE, Field.NOTE, Field.CATEGORY, Field.ACCOUNT):
            if column := best_named(self._left, field):
                self._say(field, Confidence.LIKELY, column)
                self._set(field, column)
        # What repeats is no id: by it, two purchases alike would be one.
        ids = [column for column in self._left if column.is_distinct]
        if column := best_named(ids, Field.BANK_ID):
            self._say("bank_id", Confidence.LIKELY, column)
            self._set("bank_id", column)
        texts = [column for column in self._left if column.is_text and not column.is_known]
        if not self._mapping.payee and texts:
            column = max(texts, key=lambda each: len(set(each.texts)))
            self._say("payee", Confidence.GUESSED, column)
            self._set("payee", column)

    def _set(self, field: str, column: Column) -> None:
        named: dict[str, Any] = {str(field): column.name}
        self._mapping = replace(self._mapping, **named)
        self._left.remove(column)

    def _say(self, field: str, confidence: Confidence, column: Column) -> None:
        self._parts.append(Part(str(field), confidence, f"column {column.name!r}"))

    def _ask(self, field: str, options: Sequence[str], reason: str) -> None:
        self._parts.append(Part(field, Confidence.UNKNOWN, reason))
        self._questions.append(Question(field, tuple(map(str, options))))


def _sureness(*, by_header: bool, by_cells: bool) -> Confidence:
    return Confidence.CERTAIN if by_header and by_cells else Confidence.LIKELY


def _is_count(column: Column) -> bool:
    """Eight digits in a column that nothing calls a day are rather numbers of something."""
    return all(text.isdecimal() for text in column.texts) and column.place(Field.DAY) is None
