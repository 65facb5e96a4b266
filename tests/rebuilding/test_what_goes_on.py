"""What goes on in a book that came back, and what does not? What posts by itself, what follows a group, files, imports, and devices."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import grpc
import pytest

import proof
from files.desk import bring, download, photo
from imports.desk import Desk, statement
from linked import make_caught_up
from people import BookOf, Person, new_id, read_refusal
from rebuilding.journal import Saved, caller_of, save
from rebuilding.proving import require_sound
from recurring import DAILY, POST, execute, get, make_template, posted_of, schedule_of
from rpc.spaces.sharing import share
from rpc.sync.copy import Copy
from tallystick.app import App
from tallystick.rebuilding.source import Rebuilt
from tallystick.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1 import (
    file_pb2,
    file_service_pb2,
    import_pb2,
    ledger_accounts_pb2,
    ledger_links_pb2,
    ledger_pb2,
    ledger_service_pb2,
    space_pb2,
    space_service_pb2,
    sync_pb2,
)

Status = import_pb2.ImportStatus
ROWS = statement("2026-03-01,Bakery,-3.50", "2026-03-02,Employer,2000.00")


async def copy_of(server: App, book: BookOf, saved: Saved) -> BookOf:
    rebuilt = await server.rebuilding.into_new(
        caller_of(book.person), CreateBookRequest(request_id=new_id()), saved, "", lambda _: None
    )
    return replace(book, id=str(rebuilt.space_id))


async def put_back(server: App, book: BookOf, saved: Saved) -> Rebuilt:
    request = CreateBookRequest(request_id=new_id())
    return await server.rebuilding.over(caller_of(book.person), request, saved, lambda _: None)


async def test_what_was_posted_since_stays_and_is_not_posted_twice(
    server: App, database: proof.Connection, book: BookOf
) -> None:
    template = await make_template(book, mode=POST, schedule=schedule_of("2099-01-01", DAILY, count=5))
    await execute(book, template)
    saved = await save(server, book.person, book.id)
    await execute(book, template)
    await put_back(server, book, saved)
    posted = await posted_of(book, template)
    assert sorted(each.slot_on for each in posted) == ["2099-01-01", "2099-01-02"]
    known = await get(book, template)
    assert (known.next_on, known.posted_count) == ("2099-01-03", 2)
    await execute(book, template)
    await require_sound(server, database, book.person, book.id)
    dues = "SELECT due_at FROM template_due WHERE space_id = %s AND template_id = %s"
    ((due_at,),) = database.execute(dues, (UUID(book.id), UUID(template.id))).fetchall()
    assert due_at.date() == date(2099, 1, 4)


async def test_a_copy_posts_by_itself_from_where_it_was(server: App, database: proof.Connection, book: BookOf) -> None:
    template = await make_template(book, mode=POST, schedule=schedule_of("2099-01-01", DAILY, count=5))
    await execute(book, template)
    copy = await copy_of(server, book, await save(server, book.person, book.id))
    dues = "SELECT due_at, user_id FROM template_due WHERE space_id = %s"
    ((due_at, user_id),) = database.execute(dues, (UUID(copy.id),)).fetchall()
    assert (due_at.date(), user_id) == (date(2099, 1, 2), UUID(book.person.user.id))
    await execute(copy, template)
    assert len(await posted_of(copy, template)) == 2
    await require_sound(server, database, book.person, copy.id)


async def test_a_book_goes_on_following_its_group_and_a_copy_does_not(
    server: App, database: proof.Connection, ann: Person
) -> None:
    linked = await make_caught_up(ann, server)
    await linked.circle.spend(9000)
    await linked.caught_up()
    saved = await save(server, ann, linked.book.id)
    await linked.circle.spend(600)
    await linked.circle.spend(500, currency="CHF")
    await linked.caught_up()
    await put_back(server, linked.book, saved)
    await linked.require_even()
    await linked.circle.spend(1200)
    await linked.caught_up()
    await require_sound(server, database, ann, linked.book.id)
    copy = await copy_of(server, linked.book, saved)
    request = ledger_links_pb2.GetGroupLinkRequest(book_id=copy.id, link_id=linked.link.id)
    found = await ann.ledger.GetGroupLink(request)
    assert found.link.state == ledger_links_pb2.GroupLinkState.GROUP_LINK_STATE_ENDED
    await require_sound(server, database, ann, copy.id)


async def files_of(book: BookOf) -> list[file_pb2.File]:
    listed = await book.person.files.ListFiles(file_service_pb2.ListFilesRequest(space_id=book.id))
    return list(listed.files)


async def test_contents_come_back_with_their_pictures(server: App, database: proof.Connection, book: BookOf) -> None:
    content = photo(120, 80)
    file = await bring(book.person, book.id, content, name="bread.png")
    await book.spend(100, attachment_ids=[file.id])
    saved = await save(server, book.person, book.id)
    copy = await copy_of(server, book, saved)
    assert await download(book.person, copy.id, file.id) == content
    assert await download(book.person, copy.id, file.id, thumbnail=True)
    gone = file_pb2.DeleteFileRequest(request_id=new_id(), space_id=book.id, file_id=file.id)
    gone.for_good = True
    await book.person.files.DeleteFile(gone)
    await server.files.sweeping.run()
    await put_back(server, book, saved)
    assert await download(book.person, book.id, file.id) == content
    await require_sound(server, database, book.person, book.id)
    await require_sound(server, database, book.person, copy.id)


async def test_a_file_without_its_content_is_none(server: App, database: proof.Connection, book: BookOf) -> None:
    file = await bring(book.person, book.id, b"receipt")
    await book.spend(100, attachment_ids=[file.id])
    saved = replace(await save(server, book.person, book.id), files={})
    copy = await copy_of(server, book, saved)
    assert await files_of(copy) == []
    # Where it is there, it stays.
    await put_back(server, book, saved)
    assert [each.id for each in await files_of(book)] == [file.id]
    await require_sound(server, database, book.person, copy.id)


async def test_what_was_imported_is_known_again_and_cannot_be_taken_back(server: App, book: BookOf) -> None:
    done = await Desk(book).take_in(ROWS)
    copy = await copy_of(server, book, await save(server, book.person, book.id))
    again = await Desk(copy).take_in(ROWS)
    assert (again.counts.imported, len(await Desk(copy).transactions())) == (0, 2)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await Desk(copy).revert(done.id)
    assert read_refusal(refused.value).reason == "IMPORT_ROWS_GONE"
    assert (await Desk(book).revert(done.id)).counts.reverted == 2


async def test_an_import_that_was_under_way_is_over(server: App, book: BookOf) -> None:
    made = await Desk(book).create(ROWS)
    saved = await save(server, book.person, book.id)
    copy = await copy_of(server, book, saved)
    assert (await Desk(copy).get(made.id)).status == Status.IMPORT_STATUS_FAILED
    await Desk(book).process(made.id)
    await put_back(server, book, saved)
    assert (await Desk(book).get(made.id)).status == Status.IMPORT_STATUS_FAILED
    assert await Desk(book).transactions() == []
    await Desk(book).create(statement("2026-04-01,Baker,-1.00"))
    await put_back(server, book, saved)
    # Another one of the same file finds nothing of it in the way but what was deleted.
    again = await Desk(book).create(ROWS)
    assert again.status != Status.IMPORT_STATUS_FAILED


async def test_an_old_member_is_none_of_a_copy(server: App, book: BookOf, bob: Person) -> None:
    await share(book.person, book.id, bob)
    saved = await save(server, book.person, book.id)
    copy = await copy_of(server, book, saved)
    listed = await book.person.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=copy.id))
    assert {each.display_name for each in listed.members} >= {"Ann"}
    known = {each.display_name: each for each in listed.members}
    if "Bob" in known:
        assert known["Bob"].state == space_pb2.MemberState.MEMBER_STATE_REMOVED
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await replace(copy, person=bob).spend(1)
    assert read_refusal(refused.value).reason == "NOT_FOUND"
    removed = space_service_pb2.RemoveMemberRequest(request_id=new_id(), space_id=book.id)
    removed.member_id = next(
        each.id
        for each in (
            await book.person.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=book.id))
        ).members
        if each.display_name == "Bob"
    )
    await book.person.spaces.RemoveMember(removed)
    # What is brought back lets nobody in again.
    await put_back(server, book, saved)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await replace(book, person=bob).spend(1)
    assert read_refusal(refused.value).reason == "NOT_FOUND"


async def test_devices_make_their_copies_anew(server: App, book: BookOf) -> None:
    await book.spend(100)
    saved = await save(server, book.person, book.id)
    device = Copy(book.person, book.id)
    await device.pull()
    await book.spend(200)
    await put_back(server, book, saved)
    await device.pull()
    assert device.resets == [sync_pb2.ResetReason.RESET_REASON_EPOCH]
    fresh = Copy(book.person, book.id)
    await fresh.pull()
    assert device.rows == fresh.rows


async def test_nobody_is_told_of_what_was_long_ago(server: App, database: proof.Connection, book: BookOf) -> None:
    await book.spend(100)
    copy = await copy_of(server, book, await save(server, book.person, book.id))
    for space_id in (UUID(copy.id),):
        ((followed,),) = database.execute(
            "SELECT followed_seq FROM notice_follow WHERE space_id = %s", (space_id,)
        ).fetchall()
        assert followed == proof.heads(database)[space_id]


async def test_what_its_user_did_not_see_any_more_is_deleted_in_a_copy(
    server: App, database: proof.Connection, book: BookOf
) -> None:
    """It became somebody else's alone: its later changes are in no backup of the user's."""
    await book.spend(100)
    tagged = await save(server, book.person, book.id)
    last = max(number for number, each in enumerate(tagged.changes) if each.kind == "transaction")
    saved = tagged.forged(last, superseded_by=tagged.seq)
    copy = await copy_of(server, book, saved)
    assert await Desk(copy).transactions() == []
    await require_sound(server, database, book.person, copy.id)


async def test_states_without_their_history_are_enough(server: App, database: proof.Connection, book: BookOf) -> None:
    """As older backups have it: each thing once, as it is."""
    kept = await book.spend(100)
    await book.spend(200)
    whole = await save(server, book.person, book.id)
    saved = replace(whole, changes=[each for each in whole.changes if each.superseded_by is None])
    copy = await copy_of(server, book, saved)
    assert kept.transaction.id in {each.id for each in await Desk(copy).transactions()}
    await require_sound(server, database, book.person, copy.id)
    await put_back(server, book, saved)
    await require_sound(server, database, book.person, book.id)


async def test_what_somebody_else_keeps_to_themselves_has_a_stand_in(
    server: App, database: proof.Connection, book: BookOf, bob: Person
) -> None:
    await share(book.person, book.id, bob)
    account = ledger_service_pb2.CreateAccountRequest(
        request_id=new_id(),
        book_id=book.id,
        name="Presents",
        type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
        currency="EUR",
        private=True,
    )
    private_id = (await bob.ledger.CreateAccount(account)).account.id
    ring = await bring(bob, book.id, b"A ring", private=True)
    theirs = replace(book, person=bob)
    moved = {"kind": ledger_pb2.TransactionKind.TRANSACTION_KIND_TRANSFER, "category_id": "", "payee": ""}
    await theirs.spend(500, **moved, to_account_id=private_id, attachment_ids=[ring.id])
    await theirs.spend(70, account_id=private_id)
    saved = await save(server, book.person, book.id)
    copy = await copy_of(server, book, saved)
    accounts = await book.person.ledger.ListAccounts(ledger_accounts_pb2.ListAccountsRequest(book_id=copy.id))
    (stand_in,) = [each for each in accounts.accounts if each.id == private_id]
    assert (stand_in.private_to, stand_in.currency) == ("", "EUR")
    assert len(await Desk(copy).transactions()) == 1
    assert await files_of(copy) == []
    await require_sound(server, database, book.person, copy.id)
