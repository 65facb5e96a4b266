"""What do tests of shared spaces stand on? A shared book, and people whose addresses are proven."""

import email
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import policy
from pathlib import Path
from uuid import UUID

import pytest

import proof
from people import BookOf, Client, Person, make_book, new_id, sign_up
from rpc.spaces.sharing import EDITOR, VIEWER, House, share
from tallystick.app import App
from tallystick_client.v1 import auth_service_pb2


@pytest.fixture
async def house(client: Client, ann: Person, bob: Person, book: BookOf) -> House:
    eve, vic = await sign_up(client, "Eve"), await sign_up(client, "Vic")
    await share(ann, book.id, eve, EDITOR)
    await share(ann, book.id, vic, VIEWER)
    return House(book, ann, eve, vic, bob)


@dataclass(frozen=True)
class Received:
    """A mail that somebody got."""

    subject: str
    text: str


Mails = Callable[[str], Awaitable[list[Received]]]
Verify = Callable[[Person], Awaitable[Person]]


@pytest.fixture
def mails(server: App, mail_dir: Path) -> Mails:
    """The mails to an address, the newest first, once every errand of the server is done."""

    async def read(address: str) -> list[Received]:
        await server.identity.parts.errands.drain()
        found = []
        for path in sorted(mail_dir.glob("*.eml"), reverse=True):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["To"] == address:
                found.append(Received(str(message["Subject"]), str(message.get_content())))
        return found

    return read


@pytest.fixture
def verify(mails: Mails) -> Verify:
    """Proves that a person's address is theirs, as they would: with the token from the mail."""

    async def prove(person: Person) -> Person:
        tokens = [re.search(r"^tsm_\S+$", mail.text, re.MULTILINE) for mail in await mails(person.email)]
        token = next(found.group() for found in tokens if found)
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
