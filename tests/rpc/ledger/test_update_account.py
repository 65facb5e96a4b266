"""What UpdateAccount promises."""

from typing import Any

import grpc
import pytest

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    CHECKING,
    SAVINGS,
    call,
    close,
    delete_template,
    delete_transaction,
    get,
    make,
    make_template,
    opened,
    record,
    shared_with,
    update,
    update_request,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import member_of, remove

SHOWN: dict[str, Any] = {"position": 3, "icon": "bank", "color": "#112233", "note": "old"}


async def test_update_account_changes_only_what_is_given(book: BookOf) -> None:
    made = await make(book, **SHOWN)
    after = await update(book, made.id.upper(), name=" Savings ", type=SAVINGS)
    assert (after.name, after.type) == ("Savings", SAVINGS)
    assert {name: getattr(after, name) for name in SHOWN} == SHOWN
    assert (after.version > made.version, after.created_at) == (True, made.created_at)
    assert await get(book, made.id) == after


async def test_update_account_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request = update_request(book, book.account_id, name="Purse")
    await keeps_the_promises_of_a_write(book, "UpdateAccount", request, name="Other")


@pytest.mark.parametrize("name", SHOWN)
async def test_update_account_can_empty_what_the_mask_names(book: BookOf, name: str) -> None:
    made = await make(book, **SHOWN)
    after = await update(book, made.id, name, name="ignored")
    emptied = {**SHOWN, name: type(SHOWN[name])()}
    assert {each: getattr(after, each) for each in SHOWN} == emptied
    assert after.name == made.name


async def test_update_account_with_a_star_sets_everything(book: BookOf) -> None:
    made = await make(book, **SHOWN, private=True)
    after = await update(book, made.id, "*", name="Bare", type=CHECKING)
    assert (after.name, after.position, after.icon, after.color, after.note) == ("Bare", 0, "", "", "")
    assert after.private_to == ""


@pytest.mark.parametrize(("paths", "fields"), [([], {}), (["name"], {"name": " Bank "}), ([], {"icon": "bank"})])
async def test_update_account_that_says_what_is_so_already_changes_nothing(
    book: BookOf, paths: list[str], fields: dict[str, Any]
) -> None:
    made = await make(book, **SHOWN)
    assert await update(book, made.id, *paths, **fields) == made
    assert await get(book, made.id) == made


@pytest.mark.parametrize(
    ("paths", "name"), [(["name"], ""), (["*"], ""), (["name"], " "), ([], "\t")], ids=["empty", "star", "blank", "tab"]
)
async def test_update_account_keeps_a_name(book: BookOf, paths: list[str], name: str) -> None:
    refusal = await refusal_of(update(book, book.account_id, *paths, name=name, type=CHECKING))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("name",))


async def test_update_account_keeps_a_type(book: BookOf) -> None:
    refusal = await refusal_of(update(book, book.account_id, "type"))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("type",))


@pytest.mark.parametrize(
    "paths", [["currency"], ["version"], ["private_to"], ["closed_on"], ["name", "nothing"], ["*", "name"], [""]]
)
async def test_update_account_refuses_a_mask_of_what_cannot_change(book: BookOf, paths: list[str]) -> None:
    refusal = await refusal_of(update(book, book.account_id, *paths, name="x"))
    assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))


async def test_update_account_on_an_older_version_is_stale_only_where_the_two_meet(book: BookOf) -> None:
    made = await make(book, **SHOWN)
    theirs = await update(book, made.id, name="Theirs")
    refusal = await refusal_of(update(book, made.id, name="Mine", base_version=made.version))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    assert refusal.metadata == {"current_version": str(theirs.version)}
    after = await update(book, made.id, note="mine", base_version=made.version)
    assert (after.name, after.note) == ("Theirs", "mine")
    # What is so already collides with nothing.
    assert await update(book, made.id, name="Theirs", base_version=made.version) == after
    assert (await update(book, made.id, name="Mine", base_version=after.version)).name == "Mine"


async def test_update_account_is_not_held_up_by_what_was_booked_or_reconciled_meanwhile(book: BookOf) -> None:
    made = await opened(book, 100)
    await record(book, made.id, 50, "2026-01-02")
    await close(book, made.id, "2026-01-03")
    after = await update(book, made.id, name="Old bank", base_version=made.version)
    assert (after.name, after.closed_on) == ("Old bank", "2026-01-03")


async def test_update_account_can_make_it_private_and_shared_again_while_nothing_is_booked(
    book: BookOf, bob: Person, database: proof.Connection
) -> None:
    theirs = await shared_with(book, bob)
    made = await make(book)
    before = access_revision(database, book)
    private = await update(book, made.id, private=True)
    assert private.private_to == book.person.user.id
    assert (await refusal_of(get(theirs, made.id))).reason == "NOT_FOUND"
    # Whoever holds a copy is told that they may see other things now.
    assert access_revision(database, book) == before + 1
    shared = await update(book, made.id, "private")
    assert shared.private_to == ""
    assert await get(theirs, made.id) == shared
    assert access_revision(database, book) == before + 2
    await update(book, made.id, name="Bank of two")
    assert access_revision(database, book) == before + 2


def access_revision(database: proof.Connection, book: BookOf) -> int:
    ((revision,),) = database.execute("SELECT access_revision FROM space WHERE id = %s", (book.id,)).fetchall()
    return int(revision)


@pytest.mark.parametrize("private", [False, True])
async def test_update_account_keeps_it_private_or_shared_while_something_is_booked(book: BookOf, private: bool) -> None:
    made = await make(book, private=private)
    spent = await record(book, made.id, -100, "2026-01-01")
    refusal = await refusal_of(update(book, made.id, "private", private=not private))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "IN_USE")
    # To say what is so already is no change.
    assert await update(book, made.id, "private", private=private) == made
    # What is deleted may be restored, and would come back to other eyes than it left.
    await delete_transaction(book, spent)
    assert (await refusal_of(update(book, made.id, "private", private=not private))).reason == "IN_USE"


async def test_update_account_counts_an_opening_balance_as_booked(book: BookOf) -> None:
    made = await opened(book, 100)
    assert (await refusal_of(update(book, made.id, private=True))).reason == "IN_USE"


async def test_update_account_keeps_it_shared_while_a_template_names_it(book: BookOf) -> None:
    made = await make(book)
    template = await make_template(book, account_id=made.id)
    assert (await refusal_of(update(book, made.id, private=True))).reason == "IN_USE"
    assert (await update(book, made.id, name="Rent", position=1)).name == "Rent"
    await delete_template(book, template.id)
    assert (await refusal_of(update(book, made.id, private=True))).reason == "IN_USE"


async def test_update_account_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, new_id()):
        assert (await refusal_of(update(book, missing, name="x"))).reason == "NOT_FOUND"
    household = await shared_with(book, bob)
    assert (await refusal_of(update(household, private.id, name="x"))).reason == "NOT_FOUND"


async def test_update_account_says_whose_money_it_is(book: BookOf, ann: Person, bob: Person) -> None:
    await shared_with(book, bob)
    his, hers = await member_of(ann, book.id, bob), await member_of(ann, book.id, ann)
    made = await make(book, held_by_member_id=his.id.upper())
    assert made.held_by_member_id == his.id
    assert (await update(book, made.id, held_by_member_id=hers.id)).held_by_member_id == hers.id
    assert (await update(book, made.id, "held_by_member_id")).held_by_member_id == ""


async def test_update_account_does_not_give_money_to_who_left_but_leaves_it_with_them(
    book: BookOf, ann: Person, bob: Person
) -> None:
    await shared_with(book, bob)
    his = await member_of(ann, book.id, bob)
    made = await make(book, held_by_member_id=his.id)
    await remove(ann, his)
    assert (await update(book, made.id, name="Left")).held_by_member_id == his.id
    for call_it in (update(book, book.account_id, held_by_member_id=his.id), make(book, held_by_member_id=his.id)):
        assert (await refusal_of(call_it)).reason == "NOT_FOUND"
