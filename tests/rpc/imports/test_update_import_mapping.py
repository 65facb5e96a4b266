"""What does UpdateImportMapping change, and what is remembered for the next file?"""

from imports.desk import STATUS, Desk, statement
from people import MISSING_ID, new_id, refusal_of
from tallystick_client.v1 import import_pb2, import_service_pb2

DMY = import_pb2.ImportDateOrder.IMPORT_DATE_ORDER_DAY_MONTH_YEAR
AMBIGUOUS = statement("01/02/2026,Shop,-3.50", "03/04/2026,Shop,-4.50")


async def test_an_answer_is_read_at_once_and_remembered_for_files_alike(desk: Desk) -> None:
    made = await desk.create(AMBIGUOUS)
    read = await desk.answer(made.id, choices={"date_order": DMY})
    assert (read.status, list(read.questions)) == (STATUS.IMPORT_STATUS_READY, [])
    assert [each.booked_on for each in read.preview] == ["2026-02-01", "2026-04-03"]
    await desk.process(made.id)
    following = await desk.create(statement("05/06/2026,Shop,-3.50"), account_id="")
    assert (list(following.questions), following.preview[0].booked_on) == ([], "2026-06-05")
    assert following.profile_id
    assert following.accounts[0].account_id == desk.book.account_id


async def test_what_a_file_says_itself_no_memory_overrides(desk: Desk) -> None:
    made = await desk.create(AMBIGUOUS)
    await desk.answer(made.id, choices={"date_order": DMY})
    await desk.process(made.id)
    american = await desk.create(statement("05/31/2026,Shop,-3.50"))
    assert american.preview[0].booked_on == "2026-05-31"
    other_header = await desk.create(statement("05/06/2026,Shop,-3.50", head="Day of it,Payee,Amount"))
    assert other_header.questions


async def test_columns_may_be_chosen(desk: Desk) -> None:
    text = statement("2026-03-01,2026-03-05,Shop,-3.50", head="Date,Value date,Payee,Amount")
    made = await desk.create(text)
    columns = import_pb2.ImportColumns(day="Value date", amount="Amount", payee="Payee")
    read = await desk.answer(made.id, choices=import_pb2.ImportChoices(columns=columns))
    assert read.preview[0].booked_on == "2026-03-05"
    wrong = import_pb2.ImportChoices(columns=import_pb2.ImportColumns(day="Nothing", amount="Amount"))
    assert (await refusal_of(desk.answer(made.id, choices=wrong))).fields == ("mapping.day",)


async def test_positive_spending_is_asked_and_turned_around(desk: Desk) -> None:
    made = await desk.create(statement("2026-03-01,Shop,3.50", "2026-03-02,Shop,4.50"))
    assert [each.field for each in made.questions] == ["spent_is_positive"]
    read = await desk.answer(made.id, choices={"spent_is_positive": True})
    assert [each.minor for each in read.preview] == [-350, -450]


async def test_each_account_of_a_file_goes_where_it_is_said_or_is_left_out(desk: Desk) -> None:
    savings = await desk.add_account("Savings")
    text = statement(
        "2026-03-01,Shop,-3.50,DE1",
        "2026-03-01,Bank,1.00,Savings",
        "2026-03-01,Card,-9.00,DE3",
        head="Date,Payee,Amount,Account",
    )
    made = await desk.create(text, account_id="")
    assert [(each.field, list(each.options)) for each in made.questions] == [
        ("accounts", ["DE1"]),
        ("accounts", ["DE3"]),
    ]
    assert {each.name: each.account_id for each in made.accounts}["Savings"] == savings
    said = [
        import_pb2.ImportAccount(name="DE1", account_id=desk.book.account_id),
        import_pb2.ImportAccount(name="DE3", skipped=True),
    ]
    read = await desk.answer(made.id, accounts=said)
    assert (read.status, read.counts.new, read.counts.skipped) == (STATUS.IMPORT_STATUS_READY, 2, 1)
    await desk.process(made.id)
    moved = {each.entries[0].account_id: each.entries[0].amount.minor for each in await desk.transactions()}
    assert moved == {desk.book.account_id: -350, savings: 100}


async def test_accounts_of_several_currencies_must_say_which_a_file_means(desk: Desk) -> None:
    dollars = await desk.add_account("Dollars", "USD")
    text = statement("2026-03-01,Shop,-3.50,Cash", "2026-03-01,Shop,-1.00,Dollars", head="Date,Payee,Amount,Account")
    made = await desk.create(text, account_id="")
    assert [each.field for each in made.questions] == ["currency"]
    read = await desk.answer(made.id, choices={"currency": "USD"})
    assert (read.counts.new, read.counts.errors) == (1, 1)
    await desk.process(made.id)
    assert [each.entries[0].account_id for each in await desk.transactions()] == [dollars]


async def test_it_is_too_late_once_rows_are_in_the_book(desk: Desk) -> None:
    done = await desk.take_in(statement("2026-03-01,Shop,-3.50"))
    assert (await refusal_of(desk.answer(done.id, choices={}))).reason == "IMPORT_BEGUN"


async def test_ids_of_nothing_are_not_found(desk: Desk) -> None:
    made = await desk.create(AMBIGUOUS)
    assert (await refusal_of(desk.answer(MISSING_ID))).reason == "NOT_FOUND"
    foreign = [import_pb2.ImportAccount(name="", account_id=MISSING_ID)]
    assert (await refusal_of(desk.answer(made.id, accounts=foreign))).reason == "NOT_FOUND"


async def test_a_repeat_is_answered_as_before_and_another_body_is_refused(desk: Desk) -> None:
    made = await desk.create(AMBIGUOUS)
    request = import_service_pb2.UpdateImportMappingRequest(
        request_id=new_id(), space_id=desk.book.id, import_id=made.id, choices=import_pb2.ImportChoices(date_order=DMY)
    )
    first = await desk.calls.UpdateImportMapping(request)
    assert await desk.calls.UpdateImportMapping(request) == first
    request.choices.date_order = import_pb2.ImportDateOrder.IMPORT_DATE_ORDER_MONTH_DAY_YEAR
    assert (await refusal_of(desk.calls.UpdateImportMapping(request))).reason == "REQUEST_ID_REUSED"
