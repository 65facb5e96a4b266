"""What does CreateImport find out about a file, and what does it ask?"""

import io
import zipfile

import pytest

import proof
from files.desk import delete
from imports.desk import STATE, STATUS, Desk, statement
from imports.samples_of import SAMPLES, expected_of
from people import MISSING_ID, BookOf, Person, make_book, new_id, refusal_of
from rebuilding.proving import require_sound
from tallystick.app import App
from tallystick.imports.reading.detecting import Format
from tallystick.imports.words import FORMATS
from tallystick_client.v1 import import_pb2

FORMAT = import_pb2.ImportFormat


async def test_a_file_that_says_everything_asks_nothing(desk: Desk) -> None:
    made = await desk.create(statement("2026-03-01,Shop,-3.50", "2026-03-31,Wages,10.00"), name="march.csv")
    assert (made.status, made.format) == (STATUS.IMPORT_STATUS_READY, FORMAT.IMPORT_FORMAT_CSV)
    assert (made.file_name, list(made.questions)) == ("march.csv", [])
    assert [(each.booked_on, each.minor, each.payee) for each in made.preview] == [
        ("2026-03-01", -350, "Shop"),
        ("2026-03-31", 1000, "Wages"),
    ]
    assert (made.counts.rows, made.counts.new, made.counts.errors) == (2, 2, 0)
    assert made.reading.columns.day == "Date"


async def test_ambiguous_days_are_asked_and_never_guessed(desk: Desk) -> None:
    made = await desk.create(statement("01/02/2026,Shop,-3.50", "03/04/2026,Shop,-4.50"))
    (asked,) = made.questions
    assert asked.field == "date_order"
    assert list(asked.options) == ["IMPORT_DATE_ORDER_DAY_MONTH_YEAR", "IMPORT_DATE_ORDER_MONTH_DAY_YEAR"]
    assert made.status == STATUS.IMPORT_STATUS_NEEDS_ANSWERS


async def test_one_day_that_fits_one_order_only_decides(desk: Desk) -> None:
    made = await desk.create(statement("01/02/2026,Shop,-3.50", "13/04/2026,Shop,-4.50"))
    assert [each.booked_on for each in made.preview] == ["2026-02-01", "2026-04-13"]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("-1.234,56", "-2,00"), [-123456, -200]),
        (("-1,234.56", "-2.00"), [-123456, -200]),
        (("(12.50)", "3.00"), [-1250, 300]),
    ],
    ids=["comma", "point", "parentheses"],
)
async def test_numbers_are_read_as_their_column_says(desk: Desk, amounts: tuple[str, ...], expected: list[int]) -> None:
    made = await desk.create(statement(*(f"2026-03-01;Shop;{each}" for each in amounts), head="Date;Payee;Amount"))
    assert [each.minor for each in made.preview] == expected


async def test_debit_and_credit_columns_with_a_byte_order_mark(desk: Desk) -> None:
    text = statement('2026-03-01,"Shop, Berlin",3.50,', "2026-03-02,Wages,,10.00", head="Date,Payee,Debit,Credit")
    made = await desk.create(b"\xef\xbb\xbf" + text.encode())
    assert [(each.payee, each.minor) for each in made.preview] == [("Shop, Berlin", -350), ("Wages", 1000)]


async def test_quotes_go_on_over_lines_and_headers_may_repeat(desk: Desk) -> None:
    made = await desk.create('Date,Payee,Amount,Payee\n2026-03-01,"Shop\nBerlin",-3.50,x\n2026-03-02,Bar,-1.00,y\n')
    assert [each.line for each in made.preview] == [2, 4]
    assert list(made.columns) == ["Date", "Payee", "Amount", "Payee (2)"]


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"Date,Payee,Amount\n2026-03-01,Sh\0op,-3.50\n", "line 2"),
        (b"Date,Payee,Amount\n2026-03-01," + b"x" * 1_000_000 + b",-3.50\n", "line 2"),
        (b'Date,Payee,Amount\n2026-03-01,"Shop,-3.50\n', "line 2"),
        (b"%PDF-1.7", "PDF"),
        (b"just a text", "columns"),
        # Nobody unpacks it.
        (zipped("bank.csv", bytes(50_000_000)), "unpack it"),
    ],
    ids=["nul", "cell", "quote", "pdf", "text", "zip bomb"],
)
async def test_a_file_of_no_use_is_refused_whole(desk: Desk, data: bytes, where: str) -> None:
    refused = await refusal_of(desk.create(data))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("file",))
    assert where.encode() in refused.raw


async def test_bytes_that_fit_several_encodings_are_shown_and_asked(desk: Desk) -> None:
    data = statement("01.03.2026;Bäckerei Müller;-3,50", head="Datum;Empfänger;Betrag").encode("windows-1252")
    made = await desk.create(data)
    (asked,) = made.questions
    assert asked.field == "encoding"
    assert "Bäckerei Müller" in asked.samples[list(asked.options).index("windows-1252")]
    read = await desk.answer(made.id, choices={"encoding": "windows-1252"})
    assert read.preview[0].payee == "Bäckerei Müller"


async def test_rows_that_cannot_be_read_or_booked_are_said_and_the_rest_goes_on(desk: Desk) -> None:
    text = statement(
        "2026-03-01,Shop,-3.50,EUR",
        "2026-02-30,Shop,-3.50,EUR",
        "2026-03-01,Shop,-3.50,USD",
        "2026-03-02,Shop,0.00,EUR",
        "2026-03-02,Shop,-3.505,EUR",
        head="Date,Payee,Amount,Currency",
    )
    made = await desk.create(text, choices={"date_order": 3, "columns": columns("Date", "Amount", "Payee", "Currency")})
    rows = await desk.rows(made.id)
    assert [row.state == STATE.IMPORT_ROW_STATE_ERROR for row in rows] == [False, True, True, True, True]
    assert [row.error_field for row in rows] == ["", "day", "currency", "amount", "amount"]
    assert [row.line for row in rows] == [2, 3, 4, 5, 6]
    done = await desk.process(made.id)
    assert (done.counts.imported, done.counts.errors) == (1, 4)


async def test_every_format_is_known_and_its_account_is_asked(desk: Desk) -> None:
    for sample in SAMPLES:
        format_ = Format(expected_of(sample)["format"])
        if format_ is Format.SPLITWISE:
            assert (await refusal_of(desk.create(sample.read_bytes()))).reason == "INVALID_FIELD"
            continue
        made = await desk.create(sample.read_bytes(), sample.name, account_id="")
        assert made.format == FORMATS[format_], sample.name
        assert made.questions, sample.name


async def test_ids_of_nothing_are_not_found(desk: Desk) -> None:
    for fields in ({"file_id": MISSING_ID}, {"account_id": MISSING_ID}, {"space_id": MISSING_ID}):
        assert (await refusal_of(desk.create(statement("2026-03-01,Shop,-3.50"), **fields))).reason == "NOT_FOUND"


async def test_another_members_file_is_not_found(desk: Desk, bob: Person) -> None:
    theirs: BookOf = await make_book(bob)
    file = await Desk(theirs).put(statement("2026-03-01,Shop,-3.50"))
    assert (await refusal_of(desk.calls.CreateImport(desk.creation(file.id)))).reason == "NOT_FOUND"


async def test_a_repeat_makes_none_anew_and_another_body_is_refused(desk: Desk) -> None:
    file = await desk.put(statement("2026-03-01,Shop,-3.50"))
    request = desk.creation(file.id, import_id=new_id())
    first = await desk.calls.CreateImport(request)
    await delete(desk.book.person, file)
    assert await desk.calls.CreateImport(request) == first
    request.account_id = ""
    assert (await refusal_of(desk.calls.CreateImport(request))).reason == "REQUEST_ID_REUSED"


def columns(day: str, amount: str, payee: str, currency: str = "") -> import_pb2.ImportColumns:
    return import_pb2.ImportColumns(day=day, amount=amount, payee=payee, currency=currency)


async def test_a_book_holds_before_and_after_its_rows_are_imported(
    desk: Desk, server: App, database: proof.Connection
) -> None:
    """The profile that will remember the answers is not there yet, and nothing names it."""
    made = await desk.create(statement("2026-03-01,Café Nero,-3.50"))
    assert (made.status, made.profile_id) == (STATUS.IMPORT_STATUS_READY, "")
    await require_sound(server, database, desk.book.person, desk.book.id)
    done = await desk.process(made.id)
    assert done.profile_id == made.likeness != ""
    await require_sound(server, database, desk.book.person, desk.book.id)
