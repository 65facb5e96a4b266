"""Who may watch, and for how long? Looked at while the stream runs, not only when it begins."""

import asyncio
from uuid import UUID

import pytest

from people import BookOf, Client, Person, make_book, new_id, sign_in
from rpc.spaces.sharing import leave, member_of, remove
from sync.watch.device import Watch, bodies, cursor_of, up_to_date, watching
from tallystick.app import App
from tallystick.config import Config
from tallystick.sync import audience
from tallystick_client.v1.auth_service_pb2 import (
    CreateAccessKeyRequest,
    DeleteMeRequest,
    LogoutRequest,
    RevokeAccessKeyRequest,
    RevokeSessionRequest,
)
from tallystick_client.v1.identity_pb2 import AccessKeyScope
from turned_clock import TurnedClock


async def test_watch_forgets_a_space_that_the_caller_is_removed_from_and_brings_nothing_of_it(
    book: BookOf, ann: Person, vic: Person
) -> None:
    own = await make_book(vic)
    async with up_to_date(vic, book.id, own.id, vic.user.home_id) as watch:
        await remove(ann, await member_of(ann, book.id, vic))
        for minor in range(1, 6):
            await book.spend(minor)
        assert (await watch.expect("forget")).space_id == book.id
        await book.spend(6)
        mine = (await own.spend(7)).transaction
        changes = await watch.expect("changes")
        assert (changes.space_id, mine in bodies(changes)) == (own.id, True)


async def test_watch_forgets_a_space_that_the_caller_leaves(book: BookOf, vic: Person) -> None:
    async with up_to_date(vic, book.id, vic.user.home_id) as watch:
        await leave(vic, book.id)
        assert (await watch.expect("forget")).space_id == book.id


async def test_watch_tells_all_streams_of_a_new_space_also_if_one_began_after_it(book: BookOf, ann: Person) -> None:
    async with up_to_date(ann, book.id, ann.user.home_id) as before:
        made = await make_book(ann)
        async with up_to_date(ann, book.id, ann.user.home_id, made.id):
            assert (await before.expect("added")).space_id == made.id


async def test_watch_ends_when_its_token_expires(ann: Person, clock: TurnedClock, config: Config) -> None:
    async with up_to_date(ann, ann.user.home_id) as watch:
        with clock.later(seconds=config.access_token_s + 1):
            refusal = await watch.refusal()
    assert refusal.reason == "INVALID_TOKEN"


async def test_watch_outlives_other_tokens_of_the_session(book: BookOf, ann: Person, clock: TurnedClock) -> None:
    async with up_to_date(ann, book.id, ann.user.home_id) as watch:
        with clock.later(seconds=600):
            spent = (await book.spend(100)).transaction
            assert spent in bodies(await watch.expect("changes"))


async def test_watch_ends_when_its_session_ends_and_other_sessions_go_on(book: BookOf, ann: Person) -> None:
    other = await sign_in(ann.client, ann.email)
    async with up_to_date(ann, ann.user.home_id) as ended, up_to_date(other, book.id, other.user.home_id) as watch:
        await other.auth.RevokeSession(RevokeSessionRequest(request_id=new_id(), session_id=ann.tokens.session_id))
        assert (await ended.refusal()).reason == "INVALID_TOKEN"
        await book_of(book, other).spend(100)
        await watch.expect("changes")


async def test_watch_ends_when_its_user_signs_out(ann: Person) -> None:
    async with up_to_date(ann, ann.user.home_id) as watch:
        await ann.auth.Logout(LogoutRequest(request_id=new_id()))
        assert (await watch.refusal()).reason == "INVALID_TOKEN"


async def test_watch_ends_when_its_user_is_erased(ann: Person) -> None:
    async with up_to_date(ann, ann.user.home_id) as watch:
        await ann.auth.DeleteMe(DeleteMeRequest(request_id=new_id(), password=ann.password))
        assert (await watch.refusal()).reason == "INVALID_TOKEN"


async def test_watch_with_an_access_key_sees_its_books_and_ends_with_it(book: BookOf, ann: Person) -> None:
    hidden = await make_book(ann)
    made = await ann.auth.CreateAccessKey(
        CreateAccessKeyRequest(
            request_id=new_id(), name="Cron", book_ids=[book.id], scope=AccessKeyScope.ACCESS_KEY_SCOPE_READ, days=30
        )
    )
    by_key = ann.client.with_token(made.secret)
    async with watching(by_key, await cursor_of(ann, hidden.id)) as watch:
        told = await watch.start()
        assert sorted((event.forget.space_id, event.added.space_id) for event in told) == sorted(
            [(hidden.id, ""), ("", book.id)]
        )
        await hidden.spend(1)
        spent = (await book.spend(2)).transaction
        assert (await watch.expect("behind")).head == spent.version
        await ann.auth.RevokeAccessKey(RevokeAccessKeyRequest(request_id=new_id(), access_key_id=made.access_key.id))
        assert (await watch.refusal()).reason == "INVALID_TOKEN"


async def test_watch_needs_a_signed_in_caller(client: Client) -> None:
    async with watching(client) as watch:
        assert (await watch.refusal()).reason == "NOT_SIGNED_IN"


async def test_watch_takes_so_many_streams_of_a_user_and_gives_back_those_that_end(
    ann: Person, bob: Person, server: App
) -> None:
    audience_now = server.sync.watching.audience
    before = len(audience_now)
    open_streams = [watching(ann) for _ in range(audience.STREAMS_OF_USER_MAX)]
    watches: list[Watch] = [await stream.__aenter__() for stream in open_streams]
    await asyncio.gather(*(watch.start() for watch in watches))
    async with watching(ann) as one_more:
        refusal = await one_more.refusal()
    assert (refusal.reason, refusal.retry_after_s) == ("TOO_MANY_STREAMS", audience.RETRY_AFTER_S)
    async with watching(bob) as of_another:
        await of_another.start()
    for stream in open_streams:
        await stream.__aexit__(None, None, None)
    async with asyncio.timeout(10):
        while len(audience_now) > before:
            await asyncio.sleep(0.01)
    assert UUID(ann.user.home_id) not in server.sync.watching._heads._watchers
    async with watching(ann) as again:
        await again.start()


async def test_watch_takes_so_many_streams_of_a_process(
    ann: Person, bob: Person, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with up_to_date(ann, ann.user.home_id):
        monkeypatch.setattr(audience, "STREAMS_MAX", len(server.sync.watching.audience))
        async with watching(bob) as one_more:
            assert (await one_more.refusal()).reason == "TOO_MANY_STREAMS"


def book_of(book: BookOf, person: Person) -> BookOf:
    """The same book in another session's hands."""
    return BookOf(person, book.id, book.account_id, book.spending_id, book.earning_id)
