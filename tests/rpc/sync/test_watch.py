"""What Watch promises: each event. Who may watch, how it ends, other servers and slow readers: tests/sync/watch."""

import base64

import pytest

from people import BookOf, Person, make_book, new_id
from rpc.ledger import accounts
from rpc.spaces.sharing import VIEWER, share
from sync.watch.device import bodies, cursor_of, up_to_date, watching
from tallystick.sync import watching as server_side
from tallystick_client.v1.ledger_books_pb2 import DeleteBookRequest, RestoreBookRequest
from tallystick_client.v1.sync_pb2 import ResetReason
from tallystick_client.v1.sync_service_pb2 import WatchReset, WatchResponse


@pytest.fixture
async def vic(book: BookOf, bob: Person) -> Person:
    """Somebody who may only look."""
    await share(book.person, book.id, bob, VIEWER)
    return bob


def kinds(events: list[WatchResponse]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


async def test_watch_announces_what_no_cursor_is_of_and_then_beats(book: BookOf, ann: Person) -> None:
    async with watching(ann) as watch:
        told = await watch.start()
    assert set(kinds(told)) == {"added"}
    assert {event.added.space_id for event in told} == {ann.user.home_id, book.id}


async def test_watch_says_nothing_of_copies_at_their_heads(book: BookOf, ann: Person) -> None:
    cursors = [await cursor_of(ann, space_id) for space_id in (ann.user.home_id, book.id)]
    async with watching(ann, *cursors) as watch:
        assert sorted(await watch.heartbeat()) == sorted(cursors)


async def test_watch_brings_changes_as_they_happen(book: BookOf, ann: Person) -> None:
    async with up_to_date(ann, book.id, ann.user.home_id) as watch:
        for minor in (100, 200):
            spent = (await book.spend(minor)).transaction
            changes = await watch.expect("changes")
            assert (changes.space_id, changes.cursor) == (book.id, await cursor_of(ann, book.id))
            assert spent in bodies(changes)
            assert {change.version for change in changes.changes} == {spent.version}
            assert {change.actor_id for change in changes.changes} == {ann.user.id}


async def test_watch_begins_with_the_little_that_a_copy_misses(book: BookOf, ann: Person) -> None:
    cursor = await cursor_of(ann, book.id)
    spent = [(await book.spend(minor)).transaction for minor in (1, 2, 3)]
    async with watching(ann, cursor, await cursor_of(ann, ann.user.home_id)) as watch:
        (event,) = await watch.start()
    assert event.changes.cursor == await cursor_of(ann, book.id)
    assert [body for body in bodies(event.changes) if body in spent] == spent


async def test_watch_tells_of_more_than_fits_without_bringing_it(
    book: BookOf, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_side, "INLINE_BYTES_MAX", 1000)
    cursor, home = await cursor_of(ann, book.id), await cursor_of(ann, ann.user.home_id)
    async with watching(ann, cursor, home) as watch:
        await watch.start()
        large = (await book.spend(1, note="n" * 900)).transaction
        behind = await watch.expect("behind")
        assert (behind.space_id, behind.head) == (book.id, large.version)
        # The copy is brought up to date by pulls, which the stream does not see: it goes on with news alone.
        small = (await book.spend(2)).transaction
        assert (await watch.expect("behind")).head == small.version
    async with watching(ann, cursor, home) as watch:
        (event,) = await watch.start()
    assert event.behind.head == small.version


async def test_watch_puts_news_of_a_copy_that_is_behind_together(
    book: BookOf, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_side, "INLINE_BYTES_MAX", 0)
    async with up_to_date(ann, book.id, ann.user.home_id) as watch:
        versions = [(await book.spend(minor)).transaction.version for minor in range(1, 21)]
        told = [(await watch.expect("behind")).head]
        while told[-1] != versions[-1]:
            told.append((await watch.expect("behind")).head)
    assert told == sorted(set(told))
    assert len(told) < len(versions) / 2


async def test_watch_brings_what_another_member_writes(book: BookOf, ann: Person, vic: Person) -> None:
    async with up_to_date(vic, book.id, vic.user.home_id) as watch:
        spent = (await book.spend(100)).transaction
        changes = await watch.expect("changes")
    assert spent in bodies(changes)
    assert {change.actor_id for change in changes.changes} == {ann.user.id}


async def test_watch_never_brings_what_is_private_to_another(book: BookOf, ann: Person, vic: Person) -> None:
    async with (
        up_to_date(vic, book.id, vic.user.home_id) as theirs,
        up_to_date(ann, book.id, ann.user.home_id) as own,
    ):
        before = await cursor_of(vic, book.id)
        hidden = await accounts.make(book, private=True)
        assert hidden in bodies(await own.expect("changes"))
        moved = await theirs.expect("changes")
        # Only the cursor moves, so that what follows on it can be applied.
        assert (list(moved.changes), moved.cursor) == ([], await cursor_of(vic, book.id))
        shown = (await book.spend(100)).transaction
        assert shown in bodies(await theirs.expect("changes"))
    async with watching(vic, before, await cursor_of(vic, vic.user.home_id)) as watch:
        (event,) = await watch.start()
    assert shown in bodies(event.changes)
    assert hidden.id not in {body.id for body in bodies(event.changes)}


async def test_watch_announces_a_space_that_the_caller_gets(book: BookOf, ann: Person, bob: Person) -> None:
    async with up_to_date(bob, bob.user.home_id) as watch:
        await share(ann, book.id, bob, VIEWER)
        assert (await watch.expect("added")).space_id == book.id
        # The device pulls it now. What comes after that, it pulls, too.
        spent = (await book.spend(100)).transaction
        assert (await watch.expect("behind")).head == spent.version


async def test_watch_of_a_new_book_of_ones_own(ann: Person) -> None:
    async with up_to_date(ann, ann.user.home_id) as watch:
        made = await make_book(ann)
        assert (await watch.expect("added")).space_id == made.id


async def test_watch_forgets_a_deleted_book_and_finds_it_restored(book: BookOf, ann: Person) -> None:
    async with up_to_date(ann, book.id, ann.user.home_id) as watch:
        await ann.ledger.DeleteBook(DeleteBookRequest(request_id=new_id(), book_id=book.id))
        assert (await watch.expect("forget")).space_id == book.id
        await ann.ledger.RestoreBook(RestoreBookRequest(request_id=new_id(), book_id=book.id))
        assert (await watch.expect("added")).space_id == book.id


async def test_watch_with_a_cursor_of_a_space_that_the_caller_is_not_in(ann: Person, bob: Person) -> None:
    theirs = await make_book(bob)
    cursor = await cursor_of(bob, theirs.id)
    async with watching(ann, cursor, await cursor_of(ann, ann.user.home_id)) as watch:
        (event,) = await watch.start()
        assert event.forget.space_id == theirs.id
        await theirs.spend(100)
        mine = await make_book(ann)
        assert (await watch.expect("added")).space_id == mine.id


@pytest.mark.parametrize(
    ("at", "changed", "reason"),
    [
        (18, b"\0" * 16, ResetReason.RESET_REASON_EPOCH),
        (34, (2**40).to_bytes(8), ResetReason.RESET_REASON_AHEAD),
        (41, (7).to_bytes(8), ResetReason.RESET_REASON_ACCESS),
    ],
)
async def test_watch_says_once_that_a_copy_must_be_made_anew_and_then_what_is_new(
    book: BookOf, ann: Person, at: int, changed: bytes, reason: ResetReason.ValueType
) -> None:
    raw = base64.urlsafe_b64decode(await cursor_of(ann, book.id) + "==")
    wrong = raw[:at] + changed + raw[at + len(changed) :]
    home = await cursor_of(ann, ann.user.home_id)
    async with watching(ann, base64.urlsafe_b64encode(wrong).decode().rstrip("="), home) as watch:
        assert (await watch.next()).reset == WatchReset(space_id=book.id, reason=reason)
        assert await watch.heartbeat() == [home]
        spent = (await book.spend(100)).transaction
        assert (await watch.expect("behind")).head == spent.version


async def test_watch_beats_with_its_cursors(book: BookOf, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_side, "HEARTBEAT_S", 0.05)
    async with watching(ann, await cursor_of(ann, book.id), await cursor_of(ann, ann.user.home_id)) as watch:
        first = await watch.heartbeat()
        assert await watch.heartbeat() == first
        await book.spend(100)
        changes = await watch.expect("changes")
        assert set(await watch.heartbeat()) == {changes.cursor, await cursor_of(ann, ann.user.home_id)}


async def test_watch_refuses_cursors_that_it_cannot_read(book: BookOf, ann: Person) -> None:
    cursor = await cursor_of(ann, book.id)
    for cursors, field in (([cursor, "nonsense"], "cursors[1]"), ([cursor, cursor], "cursors[1]")):
        async with watching(ann, *cursors) as watch:
            refusal = await watch.refusal()
        assert (refusal.reason, refusal.fields) == ("INVALID_CURSOR", (field,))
