"""What does ProcessImport bring into a book, and what never twice?"""

import asyncio

import pytest

from files.desk import delete
from imports.desk import CONFIDENCE, REASON, STATE, STATUS, Desk, statement
from people import new_id, refusal_of
from tallystick.imports import recording, service
from tallystick_client.v1 import ledger_categories_pb2, ledger_rules_pb2, ledger_transactions_pb2

COFFEES = statement("2026-03-01,Café Nero,-3.50", "2026-03-01,Café Nero,-3.50", "2026-03-02,Employer,2000.00")


async def test_every_row_becomes_a_transaction_that_says_where_it_is_from(desk: Desk) -> None:
    done = await desk.take_in(COFFEES)
    assert done.status == STATUS.IMPORT_STATUS_DONE
    assert (done.counts.rows, done.counts.new, done.counts.imported) == (3, 3, 3)
    assert await desk.book.balance() == 200000 - 700
    found = await desk.transactions()
    assert {each.import_id for each in found} == {done.id}
    assert sorted(each.payee for each in found) == ["Café Nero", "Café Nero", "Employer"]
    rows = await desk.rows(done.id)
    assert sorted(row.transaction_id for row in rows) == sorted(each.id for each in found)


async def test_the_same_file_brings_nothing_twice_and_twins_stay_twins(desk: Desk) -> None:
    await desk.take_in(COFFEES)
    again = await desk.take_in(COFFEES)
    assert (again.counts.imported, again.counts.duplicates) == (0, 3)
    assert all(REASON.IMPORT_MATCH_REASON_IMPORT_KEY in row.match.reasons for row in await desk.rows(again.id))
    assert len(await desk.transactions()) == 3


async def test_an_overlapping_export_brings_only_what_is_new(desk: Desk) -> None:
    await desk.take_in(statement("2026-03-01,Café,-3.50"))
    done = await desk.take_in(
        statement("2026-03-02,Café,-3.50", "2026-03-01,Café,-3.50", "2026-03-01,Café,-3.50", "2026-03-01,Kiosk,-3.50")
    )
    assert (done.counts.imported, done.counts.duplicates) == (3, 1)
    assert await desk.book.balance() == -4 * 350


async def test_what_somebody_wrote_down_already_is_found_once(desk: Desk) -> None:
    await desk.book.spend(350, payee="Lunch", booked_on="2026-02-27")
    made = await desk.create(COFFEES)
    rows = await desk.rows(made.id)
    assert [row.state for row in rows] == [
        STATE.IMPORT_ROW_STATE_NEW,
        STATE.IMPORT_ROW_STATE_NEW,
        STATE.IMPORT_ROW_STATE_NEW,
    ]
    assert rows[0].match.confidence == CONFIDENCE.IMPORT_CONFIDENCE_POSSIBLE
    await desk.book.spend(350, payee="CAFÉ NERO 0231", booked_on="2026-02-28")
    again = await desk.create(COFFEES)
    rows = await desk.rows(again.id)
    assert [row.state for row in rows[:2]] == [STATE.IMPORT_ROW_STATE_DUPLICATE, STATE.IMPORT_ROW_STATE_NEW]
    assert set(rows[0].match.reasons) == {
        REASON.IMPORT_MATCH_REASON_AMOUNT,
        REASON.IMPORT_MATCH_REASON_NEAR_DAY,
        REASON.IMPORT_MATCH_REASON_PAYEE,
    }
    done = await desk.process(again.id)
    assert done.counts.imported == 2


async def test_what_was_deleted_is_not_brought_back_unless_somebody_wants_it(desk: Desk) -> None:
    done = await desk.take_in(statement("2026-03-01,Café,-3.50"))
    (row,) = await desk.rows(done.id)
    await desk.book.person.ledger.DeleteTransaction(
        ledger_transactions_pb2.DeleteTransactionRequest(
            request_id=new_id(), book_id=desk.book.id, transaction_id=row.transaction_id
        )
    )
    again = await desk.create(statement("2026-03-01,Café,-3.50"))
    (row,) = await desk.rows(again.id)
    assert list(row.match.reasons) == [REASON.IMPORT_MATCH_REASON_DELETED]
    assert (await desk.process(again.id)).counts.imported == 0


async def test_two_calls_at_once_do_it_once(desk: Desk) -> None:
    made = await desk.create(statement(*(f"2026-03-{day:02},Shop {day},-{day}.00" for day in range(1, 29))))
    both = await asyncio.gather(desk.process(made.id), desk.process(made.id))
    assert {each.status for each in both} == {STATUS.IMPORT_STATUS_DONE}
    assert len(await desk.transactions()) == 28
    assert (await desk.process(made.id)).counts.imported == 28


async def test_rules_fill_in_what_a_row_does_not_say(desk: Desk) -> None:
    book = desk.book
    await book.person.ledger.CreateRule(
        ledger_rules_pb2.CreateRuleRequest(
            request_id=new_id(),
            book_id=book.id,
            name="coffee",
            when=ledger_rules_pb2.RuleCondition(payee_contains="nero"),
            then=ledger_rules_pb2.RuleOutcome(category_id=book.spending_id),
        )
    )
    await desk.take_in(COFFEES)
    found = {each.payee: each.entries[0].category_id for each in await desk.transactions()}
    assert found == {"Café Nero": book.spending_id, "Employer": ""}


async def test_categories_are_found_by_name_and_made_only_when_asked(desk: Desk) -> None:
    lines = ("2026-03-01,Shop,-3.50,food", "2026-03-02,Tram,-2.00,Travel: Tickets", "2026-03-03,Tram,-2.00,tickets")
    text = statement(*lines, head="Date,Payee,Amount,Category")
    plain = await desk.take_in(text)
    assert sorted(each.entries[0].category_id for each in await desk.transactions()) == ["", "", desk.book.spending_id]
    await desk.revert(plain.id)
    done = await desk.take_in(text, choices={"create_categories": True})
    (made_id,) = done.created_category_ids
    ids = [each.entries[0].category_id for each in await desk.transactions()]
    assert sorted(ids) == sorted([desk.book.spending_id, made_id, made_id])
    reverted = await desk.revert(done.id)
    assert (reverted.counts.reverted, reverted.counts.kept) == (3, 0)
    listed = await desk.book.person.ledger.ListCategories(
        ledger_categories_pb2.ListCategoriesRequest(book_id=desk.book.id)
    )
    assert made_id not in {each.id for each in listed.categories}


async def test_what_is_asked_must_be_answered_first(desk: Desk) -> None:
    made = await desk.create(statement("01/02/2026,Shop,-3.50"))
    assert made.status == STATUS.IMPORT_STATUS_NEEDS_ANSWERS
    refused = await refusal_of(desk.process(made.id))
    assert refused.reason == "IMPORT_NEEDS_ANSWERS"


async def test_a_large_file_is_compared_by_the_stream(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "COMPARED_AT_ONCE", 200)
    monkeypatch.setattr(recording, "ROWS_IN_COMMIT", 50)
    lines = [f"2026-{1 + at % 12:02}-{1 + at % 28:02},Shop {at},-{1 + at}.00" for at in range(210)]
    made = await desk.create(statement(*lines))
    assert made.status == STATUS.IMPORT_STATUS_UNREAD
    compared = await desk.process(made.id, only_compare=True)
    assert (compared.status, compared.counts.new) == (STATUS.IMPORT_STATUS_READY, 210)
    steps = [each async for each in desk.processing(made.id)]
    assert steps[-1].file_import.counts.imported == 210
    assert len(steps) > 4
    again = await desk.create(statement(*lines))
    assert (await desk.process(again.id)).counts.duplicates == 210
    assert await desk.book.balance() == -100 * sum(range(1, 211))


async def test_a_file_that_is_gone_fails_the_import_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "COMPARED_AT_ONCE", 200)
    lines = [f"2026-03-01,Shop {at},-{1 + at}.00" for at in range(210)]
    file = await desk.put(statement(*lines))
    made = (await desk.calls.CreateImport(desk.creation(file.id))).file_import
    await delete(desk.book.person, file)
    refused = await refusal_of(desk.process(made.id))
    assert refused.reason == "IMPORT_FAILED"
    assert (await desk.get(made.id)).status == STATUS.IMPORT_STATUS_FAILED


async def test_a_transfer_that_is_told_from_both_sides_is_one(desk: Desk) -> None:
    savings = await desk.add_account("Savings")
    head = '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow","Inflow","Cleared"'
    text = statement(
        '"Cash","","2026-03-01","Transfer : Savings","","","","",5.00,0.00,"Cleared"',
        '"Savings","","2026-03-01","Transfer : Cash","","","","",0.00,5.00,"Cleared"',
        '"Savings","","2026-03-02","Bank","","","","interest",0.00,1.00,"Cleared"',
        head=head,
    )
    done = await desk.take_in(text, account_id="")
    assert (done.counts.imported, done.counts.duplicates) == (2, 1)
    transfer = next(each for each in await desk.transactions() if len(each.entries) == 2)
    assert {each.account_id: each.amount.minor for each in transfer.entries} == {
        desk.book.account_id: -500,
        savings: 500,
    }
    again = await desk.take_in(text, account_id="")
    assert (again.counts.imported, again.counts.duplicates) == (0, 3)


async def test_statements_of_several_accounts_go_each_to_its_own(desk: Desk) -> None:
    savings = await desk.add_account("Savings")
    blocks = "".join(
        f"<STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>{account}</BANKACCTFROM><BANKTRANLIST>"
        f"<STMTTRN><DTPOSTED>20260301<TRNAMT>{amount}<FITID>F1<NAME>Shop</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS>"
        for account, amount in (("11", "-1.00"), ("22", "-2.00"))
    )
    made = await desk.create(f"OFXHEADER:100\n\n<OFX>{blocks}</OFX>", "bank.ofx", account_id="")
    said = [{"name": "11", "account_id": desk.book.account_id}, {"name": "22", "account_id": savings}]
    await desk.answer(made.id, accounts=said)
    assert (await desk.process(made.id)).counts.imported == 2
    moved = {each.entries[0].account_id: each.entries[0].amount.minor for each in await desk.transactions()}
    assert moved == {desk.book.account_id: -100, savings: -200}
