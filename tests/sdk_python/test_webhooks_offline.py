"""Does a copy show beforehand what the real server will make of webhooks?"""

import asyncio
from typing import Any

import pytest
from google.protobuf.message import Message

from people import BookOf, sign_up
from sdk_python.devices import Device, Devices, end, join
from tallystick_client import new_id
from tallystick_client.offline import OfflineBook
from tallystick_client.offline.applying_webhooks import WEBHOOK_RULES
from tallystick_client.offline.commands import name_of
from tallystick_client.v1 import webhook_pb2
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.webhook_pb2 import DeleteWebhookRequest, RestoreWebhookRequest, Webhook
from tallystick_client.v1.webhook_service_pb2 import CreateWebhookRequest

# Messages within messages are written as dictionaries here, which types do not allow.
pb: Any = webhook_pb2
# Public addresses, which no test sends anything to.
HERE, THERE = "https://93.184.215.14/in", "https://93.184.215.14:8443/there?a=b"


async def make_webhook(home: BookOf, **fields: Any) -> str:
    request = CreateWebhookRequest(request_id=new_id(), space_id=home.id, url=HERE, **fields)
    webhook_id: str = (await home.person.webhooks.CreateWebhook(request)).webhook.id
    return webhook_id


def look(book: OfflineBook) -> dict[str, Message]:
    shown: dict[str, Message] = {}
    for each in book.list(Webhook):
        each.version = 0
        shown[each.id] = each
    return shown


def update(webhook_id: str, *paths: str, **fields: Any) -> Message:
    mask = {"update_mask": {"paths": paths}} if paths else {}
    made: Message = pb.UpdateWebhookRequest(webhook_id=webhook_id, **fields, **mask)
    return made


@pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after the other"])
async def test_what_is_shown_is_what_comes(phone: Device, home: BookOf, at_once: bool) -> None:
    book, webhook_id = phone.book, await make_webhook(home, kinds=["account"], description="old")
    done = [
        update(webhook_id.upper(), description="  new ", kinds=["budget", "transaction"], paused=True),
        update(webhook_id, "paused", "kinds"),
        update(webhook_id, url=THERE),
        update(webhook_id),
        DeleteWebhookRequest(webhook_id=webhook_id),
        RestoreWebhookRequest(webhook_id=webhook_id),
        RestoreWebhookRequest(webhook_id=webhook_id),
        update(webhook_id, "*", url=HERE),
    ]
    refused = [
        update(webhook_id, url="https://ann:secret@example.com/"),
        update(webhook_id, "url"),
        update(webhook_id, "user_id"),
        update(new_id(), description="x"),
    ]

    def compare(what: str) -> None:
        before = look(book)
        phone.sync()
        assert book.waiting == 0
        assert look(book) == before, what

    def story() -> None:
        phone.sync()
        assert {name_of(each) for each in done} == WEBHOOK_RULES.keys()
        for command in done:
            book.do(command)
            if not at_once:
                compare(name_of(command))
        compare("all")
        before = look(book)
        for command in refused:
            book.do(command)
            assert look(book) == before
        phone.sync()
        assert len(book.tray()) == len(refused)
        end(phone)

    await asyncio.to_thread(story)


async def test_whoever_changes_where_it_leads_takes_it_over(devices: Devices, phone: Device, home: BookOf) -> None:
    webhook_id, bob = await make_webhook(home), await sign_up(home.person.client, "Bob")
    await join(home.person, bob, home, Role.ROLE_OWNER)
    tablet = devices.make("tablet", bob)

    def story() -> None:
        end(phone, tablet)
        tablet.book.do(update(webhook_id, description="Bob was here"))
        phone.book.do(update(webhook_id, paused=True))
        shown = tablet.book.get(Webhook, webhook_id)
        assert shown is not None
        assert shown.user_id == home.person.user.id
        tablet.book.do(update(webhook_id, url=THERE))
        before = look(tablet.book)
        tablet.sync()
        assert look(tablet.book) == before
        end(phone, tablet)
        merged = phone.book.get(Webhook, webhook_id)
        assert merged is not None
        assert (merged.user_id, merged.paused, merged.description) == (bob.user.id, True, "Bob was here")

    await asyncio.to_thread(story)


async def test_what_only_the_server_knows_to_be_wrong_is_shown_until_it_says_so(phone: Device, home: BookOf) -> None:
    webhook_id = await make_webhook(home)

    def story() -> None:
        phone.sync()
        before = look(phone.book)
        phone.book.do(update(webhook_id, kinds=["nothing"]))
        assert look(phone.book) != before
        phone.sync()
        assert look(phone.book) == before
        assert len(phone.book.tray()) == 1

    await asyncio.to_thread(story)
