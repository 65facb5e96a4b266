"""What UpdateTransaction promises."""

import asyncio
from typing import Any

import grpc
import pytest

from people import new_id, refusal_of
from rpc.ledger.money import (
    CLEARED,
    EXPENSE,
    INCOME,
    PENDING,
    RECONCILED,
    REFUND,
    TRANSFER,
    Purse,
    eur,
    part,
    usd,
)
from tallystick_client.v1.ledger_pb2 import AccountType, Split, Transaction
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest
from tallystick_client.v1.ledger_transactions_pb2 import SplitChange


def without_version(transaction: Transaction) -> Transaction:
    copy = Transaction()
    copy.CopyFrom(transaction)
    copy.ClearField("version")
    return copy


async def test_t9_update_transaction_changes_what_it_names_and_nothing_else(purse: Purse) -> None:
    tag = await purse.make_tag()
    before = await purse.spend(250, tag_ids=[tag], import_key="fitid-1", status=PENDING)
    after = await purse.update(before, note="with seeds")
    expected = Transaction()
    expected.CopyFrom(before)
    expected.note, expected.version = "with seeds", after.version
    assert after == expected == await purse.get(before)
    assert after.version > before.version


async def test_update_transaction_moves_account_amount_and_date_with_all_sums(purse: Purse) -> None:
    before = await purse.spend(250)
    after = await purse.update(before, account_id=purse.bank_id, amount=eur(300), booked_on="2025-11-30")
    assert [(e.account_id, e.amount.minor) for e in after.entries] == [(purse.bank_id, -300)]
    assert (await purse.held(), await purse.held(purse.bank_id)) == (0, -300)


async def test_update_transaction_says_what_the_accounts_hold(purse: Purse) -> None:
    before = await purse.spend(250)
    request = purse.updating(before, account_id=purse.bank_id)
    answer = await purse.ledger.UpdateTransaction(request)
    assert {b.account_id: b.balance.minor for b in answer.balances} == {purse.cash_id: 0, purse.bank_id: -250}
    again = await purse.ledger.UpdateTransaction(request)
    assert again == answer


async def test_update_transaction_that_changes_nothing_is_no_change(purse: Purse) -> None:
    before = await purse.spend(250)
    assert await purse.update(before, amount=eur(250), payee="Bakery") == before


async def test_t2_update_of_one_split_leaves_the_others_as_they_are(purse: Purse) -> None:
    before = await purse.split(part(100, purse.food_id, note="bread"), part(150, purse.home_id), part(50))
    change = SplitChange(line=1, note="soap")
    after = await purse.update(before, split_changes=[change])
    assert after.entries[0] == before.entries[0]
    assert after.entries[2] == before.entries[2]
    assert (after.entries[1].note, after.entries[1].amount.minor) == ("soap", -150)
    assert after.entries[1].category_id == purse.home_id


async def test_t4_update_of_a_part_never_drops_the_other_splits(purse: Purse) -> None:
    before = await purse.split(part(100, purse.food_id), part(150, purse.home_id))
    after = await purse.update(before, payee="Other", booked_on="2026-05-05")
    assert [e.amount.minor for e in after.entries] == [-100, -150]
    assert [e.category_id for e in after.entries] == [purse.food_id, purse.home_id]


async def test_t5_splitting_keeps_the_import_key(purse: Purse) -> None:
    before = await purse.spend(250, import_key="fitid-5")
    after = await purse.update(before, splits=[part(100, purse.food_id), part(150)])
    assert [e.import_key for e in after.entries] == ["fitid-5", ""]
    again = await refusal_of(purse.spend(250, import_key="fitid-5"))
    assert (again.reason, again.metadata["transaction_id"]) == ("IMPORT_KEY_TAKEN", before.id)


async def test_update_of_a_split_s_amount_must_keep_the_balance(purse: Purse) -> None:
    before = await purse.split(part(100, purse.food_id), part(150, purse.home_id))
    refusal = await refusal_of(purse.update(before, split_changes=[SplitChange(line=0, amount=eur(90))]))
    assert (refusal.reason, refusal.code) == ("SPLITS_UNBALANCED", grpc.StatusCode.INVALID_ARGUMENT)
    assert refusal.metadata == {"expected": "250", "actual": "240", "difference": "10"}
    both = [SplitChange(line=0, amount=eur(90)), SplitChange(line=1, amount=eur(160))]
    after = await purse.update(before, split_changes=both)
    assert [e.amount.minor for e in after.entries] == [-90, -160]


async def test_lines_never_change_hands(purse: Purse) -> None:
    before = await purse.split(part(100, purse.food_id), part(150, purse.home_id))
    kept = Split(category_id=purse.home_id, amount=eur(150), line=1)
    after = await purse.update(before, splits=[kept, part(100)])
    assert [(e.line, e.amount.minor) for e in after.entries] == [(1, -150), (2, -100)]
    joined = await purse.update(after, "splits", category_id=purse.food_id)
    assert [(e.line, e.amount.minor) for e in joined.entries] == [(1, -250)]
    assert await purse.held() == -250


async def test_t7_update_of_a_transfer_moves_both_legs(purse: Purse) -> None:
    before = await purse.transfer(1000)
    after = await purse.update(before, amount=eur(700), booked_on="2026-03-01")
    assert [e.amount.minor for e in after.entries] == [-700, 700]
    assert (await purse.held(), await purse.held(purse.bank_id)) == (-700, 700)


async def test_update_between_kinds_takes_along_what_fits(purse: Purse) -> None:
    transfer = await purse.transfer(1000)
    expense = await purse.update(transfer, kind=EXPENSE, category_id=purse.food_id)
    assert [(e.amount.minor, e.category_id) for e in expense.entries] == [(-1000, purse.food_id)]
    assert await purse.held(purse.bank_id) == 0
    back = await purse.update(expense, kind=TRANSFER, to_account_id=purse.bank_id)
    assert [e.amount.minor for e in back.entries] == [-1000, 1000]


async def test_update_to_another_currency_needs_what_arrives(purse: Purse) -> None:
    before = await purse.transfer(1000)
    refusal = await refusal_of(purse.update(before, to_account_id=purse.dollars_id))
    assert (refusal.reason, refusal.fields) == ("CURRENCY_MISMATCH", ("to_amount.currency",))
    after = await purse.update(before, to_account_id=purse.dollars_id, to_amount=usd(1085))
    assert (after.entries[1].amount, after.implied_rate) == (usd(1085), "1.085")


async def test_t33_a_stored_transfer_keeps_both_amounts_when_something_else_changes(purse: Purse) -> None:
    before = await purse.transfer(10000, to_account_id=purse.dollars_id, to_amount=usd(4000))
    after = await purse.update(before, note="for the trip")
    assert [e.amount for e in after.entries] == [eur(-10000), usd(4000)]
    assert after.implied_rate == before.implied_rate == "0.4"


async def test_update_status_of_all_entries(purse: Purse) -> None:
    before = await purse.transfer(1000, status=PENDING)
    assert {e.status for e in before.entries} == {PENDING}
    after = await purse.update(before, status=CLEARED)
    assert {e.status for e in after.entries} == {CLEARED} == {after.status}


async def test_update_empties_what_the_mask_names(purse: Purse) -> None:
    tag, payee = await purse.make_tag(), await purse.make_payee()
    before = await purse.spend(250, tag_ids=[tag], payee_id=payee)
    after = await purse.update(before, "tag_ids", "payee_id", "category_id")
    assert (list(after.tag_ids), after.payee_id, after.entries[0].category_id) == ([], "", "")


@pytest.mark.parametrize(
    ("paths", "change", "reason", "field"),
    [
        (("colour",), {}, "INVALID_UPDATE_MASK", "update_mask"),
        ((), {"booked_on": "2026-02-30"}, "INVALID_DATE", "change.booked_on"),
        ((), {"amount": usd(1)}, "CURRENCY_MISMATCH", "amount.currency"),
        (("amount",), {}, "INVALID_FIELD", "change.amount"),
        (("account_id",), {}, "INVALID_FIELD", "change.account_id"),
        ((), {"kind": INCOME}, "CATEGORY_KIND_MISMATCH", "category_id"),
        ((), {"kind": 5}, "INVALID_FIELD", "change.kind"),
        ((), {"to_account_id": "00000000-0000-4000-8000-000000000000"}, "INVALID_FIELD", "to_account_id"),
        ((), {"amount": eur(-5)}, "INVALID_FIELD", "amount.minor"),
        ((), {"split_changes": [SplitChange(line=9, note="x")]}, "INVALID_FIELD", "split_changes[0].line"),
    ],
)
async def test_update_refuses(
    purse: Purse, paths: tuple[str, ...], change: dict[str, Any], reason: str, field: str
) -> None:
    before = await purse.spend(250)
    refusal = await refusal_of(purse.update(before, *paths, **change))
    assert (refusal.reason, refusal.fields) == (reason, (field,))
    assert await purse.get(before) == before


async def test_update_of_a_transfer_to_its_own_account_is_refused(purse: Purse) -> None:
    before = await purse.transfer()
    refusal = await refusal_of(purse.update(before, to_account_id=purse.cash_id))
    assert (refusal.reason, refusal.fields) == ("SAME_ACCOUNT", ("to_account_id",))


async def test_update_on_an_older_version_is_refused_where_it_meets_another_change(purse: Purse) -> None:
    before = await purse.spend(250)
    later = await purse.update(before, note="theirs")
    refusal = await refusal_of(purse.update(before, note="mine", base_version=before.version))
    assert (refusal.reason, refusal.metadata["current_version"]) == ("STALE_VERSION", str(later.version))
    merged = await purse.update(before, payee="mine", base_version=before.version)
    assert (merged.note, merged.payee) == ("theirs", "mine")


async def test_update_of_what_a_statement_covers_needs_unlock(purse: Purse) -> None:
    before = await purse.spend(250)
    await purse.reconcile(-250)
    assert (await purse.get(before)).status == RECONCILED
    for change in (
        {"amount": eur(300)},
        {"booked_on": "2026-02-04"},
        {"account_id": purse.bank_id},
        {"status": PENDING},
    ):
        refusal = await refusal_of(purse.update(before, **change))
        assert (refusal.reason, refusal.code) == ("ENTRY_RECONCILED", grpc.StatusCode.FAILED_PRECONDITION)
    noted = await purse.update(before, note="checked", category_id=purse.home_id)
    assert noted.status == RECONCILED
    after = await purse.update(before, amount=eur(300), unlock=True)
    assert (after.status, await purse.held()) == (CLEARED, -300)


async def test_t8_the_leg_that_no_statement_covers_does_not_take_the_other_along(purse: Purse) -> None:
    transfer = await purse.transfer(1000)
    await purse.reconcile(1000, account_id=purse.bank_id)
    assert (await refusal_of(purse.update(transfer, amount=eur(1)))).reason == "ENTRY_RECONCILED"
    assert (await refusal_of(purse.delete(transfer))).reason == "ENTRY_RECONCILED"
    assert await purse.held(purse.bank_id) == 1000


async def test_update_on_a_closed_account_corrects_but_adds_nothing(purse: Purse) -> None:
    old, other = await purse.spend(250), await purse.spend(100, account_id=purse.bank_id)
    await purse.close(purse.cash_id, "2026-06-30")
    assert (await purse.update(old, amount=eur(200))).entries[0].amount.minor == -200
    assert (await refusal_of(purse.update(old, booked_on="2026-07-01"))).reason == "ACCOUNT_CLOSED"
    moved = purse.update(other, account_id=purse.cash_id, booked_on="2026-07-02")
    assert (await refusal_of(moved)).reason == "ACCOUNT_CLOSED"


async def test_update_keeps_refunds_within_their_expense(purse: Purse) -> None:
    expense = await purse.spend(1000)
    refund = await purse.spend(400, kind=REFUND, refund_of_id=expense.id)
    assert (await refusal_of(purse.update(expense, amount=eur(399)))).reason == "REFUND_EXCEEDS_ORIGINAL"
    assert (await refusal_of(purse.update(refund, amount=eur(1001)))).reason == "REFUND_EXCEEDS_ORIGINAL"
    assert (
        await refusal_of(purse.update(expense, kind=INCOME, category_id=purse.book.earning_id))
    ).reason == "REFUNDED"
    await purse.update(expense, amount=eur(400))


async def test_update_by_many_at_once_loses_nothing(purse: Purse) -> None:
    made = await asyncio.gather(*(purse.spend(100) for _ in range(20)))
    await asyncio.gather(*(purse.update(each, amount=eur(100 + n)) for n, each in enumerate(made)))
    assert await purse.held() == -sum(range(100, 120))


async def test_update_with_a_request_id_of_another_request_is_refused(purse: Purse) -> None:
    before = await purse.spend(250)
    request = purse.updating(before, note="a")
    await purse.ledger.UpdateTransaction(request)
    request.change.note = "b"
    assert (await refusal_of(purse.ledger.UpdateTransaction(request))).reason == "REQUEST_ID_REUSED"


async def test_update_of_what_is_not_there(purse: Purse) -> None:
    gone = await purse.spend(250)
    await purse.delete(gone)
    assert (await refusal_of(purse.update(gone, note="x"))).reason == "NOT_FOUND"
    assert (await refusal_of(purse.update(Transaction(id=new_id()), note="x"))).reason == "NOT_FOUND"


async def test_a_new_part_of_what_is_pending_is_pending(purse: Purse) -> None:
    before = await purse.spend(250, status=PENDING)
    after = await purse.update(before, splits=[part(100, purse.food_id), part(150)])
    assert {entry.status for entry in after.entries} == {PENDING}


async def test_an_opening_balance_stays_on_its_account(purse: Purse) -> None:
    made = await purse.ledger.CreateAccount(
        CreateAccountRequest(
            request_id=new_id(),
            book_id=purse.id,
            name="Savings",
            type=AccountType.ACCOUNT_TYPE_SAVINGS,
            currency="EUR",
            opening_balance=eur(-500),
            opening_on="2026-01-01",
        )
    )
    refusal = await refusal_of(purse.update(made.opening, account_id=purse.bank_id))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("change.account_id",))
    changed = await purse.update(made.opening, amount=eur(-700))
    assert (changed.entries[0].amount.minor, await purse.held(made.account.id)) == (-700, -700)
