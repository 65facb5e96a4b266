"""CreateWebhook: a secret that is shown here and kept nowhere, and an address that is looked at twice."""

from typing import Any
from uuid import UUID

import pytest

import proof
from circle import Circle
from people import BookOf, Person, new_id, refusal_of
from rpc.webhooks.promises import keeps_the_promises_of_a_write, refuses_keys
from tallystick.app import App
from tallystick.store.sealed import ANSWER, JOURNAL
from tallystick_client.v1 import sync_service_pb2
from webhooks.desk import ELSEWHERE, Hooked, creation
from webhooks.receiver import Receiver


async def test_it_is_made_and_its_secret_is_shown(book: BookOf) -> None:
    request = creation(book.id, kinds=["transaction", "account"], description=" To the till ")
    made = await book.person.webhooks.CreateWebhook(request)
    webhook = made.webhook
    assert (webhook.url, list(webhook.kinds), webhook.description) == (
        ELSEWHERE,
        ["transaction", "account"],
        "To the till",
    )
    assert (webhook.user_id, webhook.paused, webhook.problem) == (book.person.user.id, False, 0)
    assert made.secret.startswith("tswh_")
    assert len(made.secret) > 40


async def test_it_keeps_its_promises(book: BookOf) -> None:
    await keeps_the_promises_of_a_write(book, "CreateWebhook", creation(book.id), description="another")
    await refuses_keys(book, "CreateWebhook", creation(book.id))


async def test_a_repeat_shows_the_secret_again_also_when_there_is_another_one(
    hooked: Hooked, receiver: Receiver
) -> None:
    request = creation(hooked.book.id, receiver.url)
    first = await hooked.person.webhooks.CreateWebhook(request)
    other = Hooked(hooked.server, hooked.person, hooked.book, first.webhook, first.secret)
    assert await other.rotate() != first.secret
    assert (await hooked.person.webhooks.CreateWebhook(request)).secret == first.secret


async def test_two_webhooks_have_two_secrets(book: BookOf) -> None:
    secrets = [(await book.person.webhooks.CreateWebhook(creation(book.id))).secret for _ in range(2)]
    assert len(set(secrets)) == 2


async def test_the_secret_is_in_no_row_journal_answer_or_copy(
    hooked: Hooked, server: App, database: proof.Connection
) -> None:
    secret = hooked.secret.encode()
    seal = proof.open_seal(database, server.store.keys, UUID(hooked.book.id))
    for column, name in ((JOURNAL, "journal"), (ANSWER, "answer")):
        keys = ", ".join(column.row_columns)
        rows = database.execute(
            f"SELECT {column.version.name}, {column.cell.name}, {keys} FROM {name} WHERE space_id = %s",
            (hooked.book.id,),
        ).fetchall()
        assert rows
        for version, cell, *named in rows:
            row = column.row_of(dict(zip(column.row_columns, named, strict=True)))
            assert secret not in seal.open(column.place, row, version, cell)
    pages = [page async for page in hooked.person.streams.Pull(sync_service_pb2.PullRequest(space_id=hooked.book.id))]
    copied = [change.entity.webhook for page in pages for change in page.changes if change.entity.HasField("webhook")]
    assert copied == [hooked.webhook]
    assert all(secret not in page.SerializeToString() for page in pages)
    tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    for (table,) in tables:
        found = database.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', (f"%{hooked.secret}%",))
        assert found.fetchall() == [(0,)], table


async def test_a_group_has_webhooks_too(circle: Circle) -> None:
    made = await circle.person.webhooks.CreateWebhook(creation(circle.id, kinds=["expense"]))
    assert made.webhook.space_id == circle.id


async def test_a_home_has_none(book: BookOf) -> None:
    home = book.person.user.home_id
    refused = await refusal_of(book.person.webhooks.CreateWebhook(creation(home)))
    assert refused.reason == "HOME_IS_PRIVATE"


async def test_there_are_ten_at_most(book: BookOf) -> None:
    for _ in range(10):
        await book.person.webhooks.CreateWebhook(creation(book.id))
    refused = await refusal_of(book.person.webhooks.CreateWebhook(creation(book.id)))
    assert (refused.reason, refused.metadata) == ("TOO_MANY_WEBHOOKS", {"limit": "10"})


async def test_an_id_that_is_taken_is_refused(hooked: Hooked) -> None:
    request = creation(hooked.book.id, webhook_id=hooked.webhook.id.upper())
    assert (await refusal_of(hooked.person.webhooks.CreateWebhook(request))).reason == "ID_TAKEN"
    minted = new_id()
    made = await hooked.person.webhooks.CreateWebhook(creation(hooked.book.id, webhook_id=minted))
    assert made.webhook.id == minted


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "INVALID_FIELD"),
        ("hooks.example.com", "INVALID_FIELD"),
        ("ftp://hooks.example.com/", "INVALID_FIELD"),
        ("https://ann:secret@hooks.example.com/", "INVALID_FIELD"),
        ("https://hooks.example.com:0/", "INVALID_FIELD"),
        ("https://0x7f000001/", "INVALID_FIELD"),
        ("https://hooks.example.com/a b", "INVALID_FIELD"),
        ("https://hooks.example.com/" + "a" * 2000, "INVALID_FIELD"),
        ("http://hooks.example.com/", "WEBHOOK_TARGET_REFUSED"),
        ("https://127.0.0.1/", "WEBHOOK_TARGET_REFUSED"),
        ("https://localhost/", "WEBHOOK_TARGET_REFUSED"),
        ("https://169.254.169.254/latest/meta-data", "WEBHOOK_TARGET_REFUSED"),
        ("https://[::ffff:10.0.0.1]/", "WEBHOOK_TARGET_REFUSED"),
    ],
)
async def test_an_address_that_is_none_or_may_not_be_is_refused(book: BookOf, url: str, reason: str) -> None:
    refused = await refusal_of(book.person.webhooks.CreateWebhook(creation(book.id, url)))
    assert (refused.reason, refused.fields) == (reason, ("url",))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"kinds": ["transaction", "wish"]}, "kinds[1]"),
        ({"kinds": ["invitation"]}, "kinds[0]"),
        ({"kinds": ["account", "account"]}, "kinds"),
        ({"description": "a" * 501}, "description"),
        ({"webhook_id": "x"}, "webhook_id"),
    ],
)
async def test_a_wrong_field_is_named(book: BookOf, fields: dict[str, Any], named: str) -> None:
    refused = await refusal_of(book.person.webhooks.CreateWebhook(creation(book.id, **fields)))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", (named,))


async def test_a_stranger_cannot_have_names_looked_up(
    book: BookOf, bob: Person, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(host: str, port: int) -> list[Any]:
        raise AssertionError("somebody who may not make a webhook has a name looked up")

    monkeypatch.setattr(server.webhooks.delivering.sender, "_resolve", resolve)
    refused = await refusal_of(bob.webhooks.CreateWebhook(creation(book.id)))
    assert refused.reason == "NOT_FOUND"
