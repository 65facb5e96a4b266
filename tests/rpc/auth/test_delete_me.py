"""What DeleteMe promises."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from people import PASSWORD, BookOf, Person, make_book, new_id, refusal_of
from rpc.auth.visitors import Audit, NewVisitor, Rows, Visitor
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.identity import queries
from tallystick.store import door, journal
from tallystick.store.members import MEMBER, add_member
from tallystick.v1 import space_service_pb2
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState
from tallystick_client.v1 import auth_service_pb2 as pb
from tallystick_client.v1 import ledger_service_pb2
from tallystick_client.v1.identity_pb2 import AccessKeyScope

Join: TypeAlias = Callable[..., Awaitable[None]]
Members: TypeAlias = Callable[[Person, BookOf], Awaitable[list[Member]]]


def request(password: str = PASSWORD, request_id: str | None = None) -> pb.DeleteMeRequest:
    return pb.DeleteMeRequest(request_id=request_id or new_id(), password=password)


def caller_for(person: Person) -> Caller:
    return Caller(UUID(person.user.id), UUID(person.user.home_id), None, "192.0.2.1")


@pytest.fixture
def join(server: App) -> Join:
    """Makes somebody a member of another's book."""

    async def add(owner: Person, book: BookOf, newcomer: Person, role: Any) -> None:
        async def command(tx: Any, asked: Any) -> Any:
            add_member(tx, UUID(newcomer.user.id), newcomer.user.display_name, role)
            tx.beside(door.FOUND_USER_SPACE(user_id=UUID(newcomer.user.id), space_id=tx.space_id))
            return space_service_pb2.LeaveSpaceResponse()

        asked = space_service_pb2.LeaveSpaceRequest(request_id=new_id(), space_id=book.id)
        await server.store.write(caller_for(owner), book.id, asked, command, space_service_pb2.LeaveSpaceResponse)

    return add


@pytest.fixture
def members(server: App) -> Members:
    """The members of a book, as one of them sees them, the oldest first."""

    async def read(person: Person, book: BookOf) -> Any:
        asked = space_service_pb2.ListMembersRequest(space_id=book.id)
        tx = server.store.reader(caller_for(person), book.id, asked)
        rows = await tx.fetch(queries.MEMBERS_OF_SPACE(space_id=UUID(book.id)))
        return sorted((tx.open(MEMBER, row) for row in rows), key=lambda member: member.joined_at.ToNanoseconds())

    return read


def balance_of(book: BookOf) -> ledger_service_pb2.GetAccountBalanceRequest:
    return ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=book.account_id)


async def test_delete_me_ends_login_session_and_refresh_token(visitor: Visitor, ann: Person, audit: Audit) -> None:
    await ann.auth.DeleteMe(request())
    assert (await refusal_of(ann.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"
    assert (await refusal_of(visitor.login(ann.email))).reason == "WRONG_CREDENTIALS"
    refresh = pb.RefreshSessionRequest(request_id=new_id(), refresh_token=ann.tokens.refresh_token)
    assert (await refusal_of(visitor.auth.RefreshSession(refresh))).reason == "INVALID_REFRESH_TOKEN"
    assert (await audit(ann.user.id))[-1] == "erased"


async def test_delete_me_destroys_the_keys_of_home_and_of_books_without_another_member(ann: Person, rows: Rows) -> None:
    book = await make_book(ann)
    await ann.auth.DeleteMe(request())
    for space_id in (ann.user.home_id, book.id):
        assert await rows("SELECT 1 FROM space_key WHERE space_id = %s", space_id) == []
        assert (await rows("SELECT erased_at IS NOT NULL FROM space WHERE id = %s", space_id)) == [(True,)]
    assert await rows("SELECT 1 FROM user_space WHERE user_id = %s", ann.user.id) == []


async def test_delete_me_leaves_no_row_of_login_devices_and_keys(ann: Person, rows: Rows) -> None:
    book = await make_book(ann)
    await ann.auth.CreateAccessKey(
        pb.CreateAccessKeyRequest(
            request_id=new_id(), name="Cron", book_ids=[book.id], scope=AccessKeyScope.ACCESS_KEY_SCOPE_READ, days=30
        )
    )
    await ann.auth.DeleteMe(request())
    for table in ("session", "refresh_token", "mail_token", "known_device", "access_key"):
        assert await rows(f"SELECT 1 FROM {table} WHERE user_id = %s", ann.user.id) == []
    (login,) = await rows(
        "SELECT email_hash, password_hash, email_verified, erased_at IS NOT NULL FROM login WHERE user_id = %s",
        ann.user.id,
    )
    assert login == (None, None, False, True)
    sql = "SELECT 1 FROM answer_apart WHERE scope = %s AND length(body) > 30"
    assert await rows(sql, ann.user.id) == []


async def test_delete_me_ends_access_keys(visitor: Visitor, ann: Person) -> None:
    book = await make_book(ann)
    made = await ann.auth.CreateAccessKey(
        pb.CreateAccessKeyRequest(
            request_id=new_id(), name="Cron", book_ids=[book.id], scope=AccessKeyScope.ACCESS_KEY_SCOPE_READ, days=30
        )
    )
    program = visitor.with_token(made.secret)
    await program.ledger.GetAccountBalance(balance_of(book))
    await ann.auth.DeleteMe(request())
    assert (await refusal_of(program.ledger.GetAccountBalance(balance_of(book)))).reason == "INVALID_ACCESS_KEY"


async def test_delete_me_leaves_a_nameless_member_and_the_balance_in_a_shared_book(
    ann: Person, bob: Person, join: Join, members: Members, audit: Audit
) -> None:
    book = await make_book(bob)
    await join(bob, book, ann, Role.ROLE_EDITOR)
    await ann.ledger.CreateTransaction(book.expense(250))
    await ann.auth.DeleteMe(request())
    own, erased = await members(bob, book)
    assert (own.user_id, own.role) == (bob.user.id, Role.ROLE_OWNER)
    assert (erased.user_id, erased.display_name, erased.state) == ("", "", MemberState.MEMBER_STATE_ERASED)
    assert await book.balance() == -250
    assert (await audit(book.id))[-1] == "member_erased"


async def test_delete_me_takes_the_name_out_of_a_book_that_the_user_had_left(
    ann: Person, bob: Person, join: Join, members: Members
) -> None:
    book = await make_book(bob)
    await join(bob, book, ann, Role.ROLE_EDITOR)
    await ann.spaces.LeaveSpace(space_service_pb2.LeaveSpaceRequest(request_id=new_id(), space_id=book.id))
    await ann.auth.DeleteMe(request())
    own, erased = await members(bob, book)
    assert (own.user_id, own.role) == (bob.user.id, Role.ROLE_OWNER)
    assert (erased.user_id, erased.display_name, erased.state) == ("", "", MemberState.MEMBER_STATE_ERASED)


async def test_delete_me_takes_the_name_out_of_the_history_too(
    ann: Person, bob: Person, join: Join, server: App, rows: Rows
) -> None:
    book = await make_book(bob)
    await join(bob, book, ann, Role.ROLE_VIEWER)
    await ann.auth.DeleteMe(request())
    tx = server.store.reader(caller_for(bob), book.id, space_service_pb2.ListMembersRequest(space_id=book.id))
    found = await tx.fetch(queries.MEMBERS_OF_SPACE(space_id=UUID(book.id)))
    erased = next(m for m in (tx.open(MEMBER, row) for row in found) if not m.user_id)
    states = await tx.fetch(
        queries.JOURNAL_OF_ENTITY(space_id=UUID(book.id), entity_id=UUID(erased.id), entity_kind=MEMBER.kind)
    )
    assert len(states) == 2
    for seq, ordinal, body in states:
        row = journal.row_of(ordinal, UUID(erased.id))
        then = Member.FromString(tx.seal.open(journal.PLACE, row, seq, body))
        assert (then.user_id, then.display_name) == ("", "")


async def test_delete_me_makes_the_longest_standing_member_owner_where_the_last_one_goes(
    ann: Person, bob: Person, stranger: Visitor, join: Join, members: Members, audit: Audit, new_visitor: NewVisitor
) -> None:
    carol = await new_visitor().sign_up("Carol")
    book = await make_book(ann)
    await join(ann, book, bob, Role.ROLE_VIEWER)
    await join(ann, book, carol, Role.ROLE_EDITOR)
    await ann.auth.DeleteMe(request())
    _, heir, other = await members(bob, book)
    assert (heir.user_id, heir.role) == (bob.user.id, Role.ROLE_OWNER)
    assert (other.user_id, other.role) == (carol.user.id, Role.ROLE_EDITOR)
    assert "role_changed" in await audit(book.id)


async def test_delete_me_changes_no_role_where_another_owner_stays(
    ann: Person, bob: Person, join: Join, members: Members, new_visitor: NewVisitor
) -> None:
    carol = await new_visitor().sign_up("Carol")
    book = await make_book(ann)
    await join(ann, book, bob, Role.ROLE_VIEWER)
    await join(ann, book, carol, Role.ROLE_OWNER)
    await ann.auth.DeleteMe(request())
    roles = {member.user_id: member.role for member in await members(bob, book)}
    assert (roles[bob.user.id], roles[carol.user.id]) == (Role.ROLE_VIEWER, Role.ROLE_OWNER)


async def test_delete_me_refuses_the_wrong_password_and_then_whoever_guesses_it(ann: Person) -> None:
    reasons = [(await refusal_of(ann.auth.DeleteMe(request("a guess")))).reason for _ in range(8)]
    assert reasons[0] == "WRONG_CREDENTIALS"
    assert reasons[-1] == "TOO_MANY_ATTEMPTS"
    await ann.auth.GetMe(pb.GetMeRequest())


async def test_delete_me_repeated_finds_the_session_ended(ann: Person) -> None:
    again = request()
    await ann.auth.DeleteMe(again)
    assert (await refusal_of(ann.auth.DeleteMe(again))).reason == "INVALID_TOKEN"


async def test_delete_me_is_finished_by_the_sweep_when_something_interrupts_it(
    ann: Person, bob: Person, join: Join, members: Members, server: App, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, own = await make_book(bob), await make_book(ann)
    await join(bob, shared, ann, Role.ROLE_EDITOR)
    erasure = server.identity.service.erasure
    done = []

    async def die_after_one(user_id: Any, home_id: Any) -> None:
        (space_id,), *_ = await server.apart.fetch(queries.SPACES_OF_USER(user_id=user_id))
        done.append(space_id)
        raise ConnectionError("the process died here")

    with monkeypatch.context() as interrupted:
        interrupted.setattr(erasure, "_leave_spaces", die_after_one)
        assert (await refusal_of(ann.auth.DeleteMe(request()))).reason == "INTERNAL"
    assert len(await rows("SELECT 1 FROM user_space WHERE user_id = %s", ann.user.id)) == 3
    assert (await refusal_of(ann.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"
    assert (await server.identity.sweep())["erasures"] >= 1
    assert await rows("SELECT 1 FROM user_space WHERE user_id = %s", ann.user.id) == []
    assert await rows("SELECT 1 FROM space_key WHERE space_id IN (%s, %s)", ann.user.home_id, own.id) == []
    assert (await members(bob, shared))[1].state == MemberState.MEMBER_STATE_ERASED


async def test_delete_me_frees_the_address_for_a_new_user(visitor: Visitor, ann: Person) -> None:
    await ann.auth.DeleteMe(request())
    await visitor.register(email=ann.email)
    again = await visitor.sign_in(ann.email)
    assert again.user.id != ann.user.id


async def test_delete_me_leaves_nothing_for_a_repeat_of_the_registration(visitor: Visitor, rows: Rows) -> None:
    first = pb.RegisterRequest(
        request_id=new_id(), email=f"{new_id()}@example.com", password=PASSWORD, display_name="Ann"
    )
    await visitor.auth.Register(first)
    ann = await visitor.sign_in(first.email)
    await ann.auth.DeleteMe(request())
    await visitor.auth.Register(first)
    assert (await refusal_of(visitor.login(first.email))).reason == "WRONG_CREDENTIALS"


async def test_delete_me_needs_a_session(visitor: Visitor) -> None:
    assert (await refusal_of(visitor.auth.DeleteMe(request()))).reason == "NOT_SIGNED_IN"
