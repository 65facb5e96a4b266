"""What everything of somebody's promises: all that they see, in one archive, and nothing of others'."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import proof
from circle import Circle
from people import MISSING_ID, BookOf, Person, make_book, new_id, refusal_of
from rpc.exports.taking import PDF, ZIP, refused, take
from rpc.exports.test_export_json import changes_of, pulled
from rpc.groups.hall import audited
from rpc.ledger import accounts
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.exports.archives import Archive
from tallystick.exports.everything import Everything
from tallystick.exports.moment import Readers
from tallystick.exports.spaces import moment_of
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick_client.v1.auth_service_pb2 import CreateAccessKeyRequest
from tallystick_client.v1.identity_pb2 import AccessKeyScope


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def test_every_space_is_what_a_new_copy_of_it_holds(book: BookOf, circle: Circle, bob: Person) -> None:
    await book.spend(250)
    await circle.spend(3000)
    foreign = await make_book(bob)
    taken = await take(book.person)
    files = opened(taken.data)
    names = {book.id: f"books/Home-{book.id}.jsonl", circle.id: f"groups/Trip-{circle.id}.jsonl"}
    assert (taken.content_type, taken.items) == ("application/zip", 3)
    assert set(files) == {"README.txt", "home.jsonl", *names.values()}
    for space_id, name in {**names, book.person.user.home_id: "home.jsonl"}.items():
        assert changes_of(files[name]) == await pulled(book.person, space_id)
    assert book.person.email.encode() in files["home.jsonl"]
    assert foreign.id.encode() not in taken.data


async def test_others_private_accounts_are_not_in_it(book: BookOf, bob: Person) -> None:
    secret = await accounts.make(book, name="Secret", private=True)
    await accounts.record(book, secret.id, 700, on="2026-02-03", payee="Jeweller")
    await accounts.shared_with(book, bob)
    for person, sees in ((book.person, True), (bob, False)):
        text = opened((await take(person, format=ZIP)).data)[f"books/Home-{book.id}.jsonl"]
        assert (b"Jeweller" in text, secret.id.encode() in text) == (sees, sees)


async def test_it_comes_as_zip_only(ann: Person) -> None:
    assert (await refusal_of(refused(ann, format=PDF))).reason == "EXPORT_NOT_OFFERED"


async def test_each_export_is_noted_in_the_audit_of_its_space(
    book: BookOf, circle: Circle, database: proof.Connection
) -> None:
    heads = proof.heads(database)
    await take(book.person, book_id=book.id)
    await take(circle.person, group_id=circle.id)
    await take(book.person)
    await refusal_of(refused(book.person, book_id=book.id, account_id=MISSING_ID, format=PDF))
    for space_id in (book.id, circle.id, book.person.user.home_id):
        assert audited(database, space_id).count("export") == 1
        # Copies have nothing to learn from it.
        assert proof.heads(database)[UUID(space_id)] == heads[UUID(space_id)]


@dataclass(frozen=True)
class Kept:
    name: str
    content_type: str


@dataclass(frozen=True)
class Content:
    file: Any
    data: bytes

    async def pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.data), 1000):
            yield self.data[start : start + 1000]


async def test_files_are_in_it_under_names_that_lead_nowhere(server: App, book: BookOf, monkeypatch: Any) -> None:
    """What a space keeps is another feature's; here it is whoever answers for it."""
    photo, gone = uuid4(), uuid4()
    kept = {photo: Content(Kept("../../Café at 7.jpg", "image/jpeg"), b"\xff\xd8" * 5000)}

    async def open_content(tx: Any, file_id: UUID) -> Content:
        assert tx.space_id == UUID(book.id)
        if file_id not in kept:
            raise NotVisible
        return kept[file_id]

    async def files_of(moment: Any) -> list[UUID]:
        return [photo, gone]

    monkeypatch.setattr("tallystick.exports.everything.list_files", files_of)
    user = book.person.user
    caller = Caller(UUID(user.id), UUID(user.home_id), None, "")
    everything = Everything(server.apart, open_content)
    moment = await moment_of(Readers(server.store), caller, ExportRequest(book_id=book.id), UUID(book.id))
    archive = Archive(server.store.clock.now())
    data = b"".join([data async for data in everything._space(archive, moment, "book.jsonl")]) + archive.close()
    files = opened(data)
    assert set(files) == {"book.jsonl", f"attachments/{book.id}/{photo}-Café-at-7.jpg"}
    assert files[f"attachments/{book.id}/{photo}-Café-at-7.jpg"] == kept[photo].data


async def test_an_access_key_reaches_its_books_and_not_everything(book: BookOf) -> None:
    key = await book.person.auth.CreateAccessKey(
        CreateAccessKeyRequest(
            request_id=new_id(), name="key", book_ids=[book.id], scope=AccessKeyScope.ACCESS_KEY_SCOPE_READ, days=1
        )
    )
    program = book.person.client.with_token(key.secret)
    assert (await take(program, book_id=book.id)).name == "Home-transactions.csv"
    assert (await refusal_of(refused(program))).reason == "NOT_FOUND"
