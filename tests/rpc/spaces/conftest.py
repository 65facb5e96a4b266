"""What do tests of shared spaces stand on? A shared book, and people whose addresses are proven."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

import proof
from letters import Mails
from people import BookOf, Client, Person, make_book, new_id, sign_up
from rpc.spaces.sharing import EDITOR, VIEWER, House, share
from tallystick_client.v1 import auth_service_pb2


@pytest.fixture
async def house(client: Client, ann: Person, bob: Person, book: BookOf) -> House:
    eve, vic = await sign_up(client, "Eve"), await sign_up(client, "Vic")
    await share(ann, book.id, eve, EDITOR)
    await share(ann, book.id, vic, VIEWER)
    return House(book, ann, eve, vic, bob)


Verify = Callable[[Person], Awaitable[Person]]


@pytest.fixture
def verify(mails: Mails) -> Verify:
    """Proves that a person's address is theirs, as they would: with the token from the mail."""

    async def prove(person: Person) -> Person:
        token = next(mail.token for mail in reversed(await mails(person.email)) if mail.has_token)
        await person.client.auth.VerifyEmail(auth_service_pb2.VerifyEmailRequest(request_id=new_id(), token=token))
        return person

    return prove


@pytest.fixture
async def cat(client: Client, verify: Verify) -> Person:
    """A user with a verified address, who shares nothing with anybody yet."""
    return await verify(await sign_up(client, "Cat"))


@pytest.fixture
async def second(client: Client, ann: Person) -> BookOf:
    """Another book of Ann's."""
    return await make_book(ann)


Audited = Callable[[str], list[tuple[str, str]]]


@pytest.fixture
def audited(database: proof.Connection) -> Audited:
    """What the audit chain of a space says, the oldest first: what happened, and to whom or what."""

    def read(space_id: str) -> list[tuple[str, str]]:
        rows = database.execute(
            "SELECT action, subject_id FROM audit WHERE scope_id = %s ORDER BY seq", (UUID(space_id),)
        ).fetchall()
        return [(action, str(subject_id)) for action, subject_id in rows]

    return read


AccessRevision = Callable[[str], int]


@pytest.fixture
def access_revision(database: proof.Connection) -> AccessRevision:
    def read(space_id: str) -> int:
        ((revision,),) = database.execute(
            "SELECT access_revision FROM space WHERE id = %s", (UUID(space_id),)
        ).fetchall()
        return int(revision)

    return read
