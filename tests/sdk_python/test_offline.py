"""Copies on devices, against the real server."""

import sqlite3
from typing import Any

import pytest

import tallystick_client as sdk
from people import BookOf
from sdk_python.devices import Device, Devices, apart, end, eur
from tallystick_client import new_id
from tallystick_client.offline import Verdict
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.ledger_categories_pb2 import DeleteCategoryRequest, RestoreCategoryRequest
from tallystick_client.v1.ledger_labels_pb2 import CreateTagRequest, Tag, UpdateTagRequest
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_transactions_pb2 import DeleteTransactionRequest
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice
from tallystick_client.v1.sync_pb2 import Conflict, ConflictRule, ConflictState
from tallystick_client.v1.sync_service_pb2 import PushRequest

TAKE_MINE = ConflictChoice.CONFLICT_CHOICE_TAKE_MINE
KEEP_THEIRS = ConflictChoice.CONFLICT_CHOICE_KEEP_THEIRS


class CutOff:
    """A client whose answers to pushes are lost."""

    def __init__(self, client: sdk.Client) -> None:
        self._push = client.sync.Push
        self.sync: Any = self
        self.retries = client.retries

    def Push(self, request: PushRequest) -> None:
        self._push(request)
        raise sdk.Unavailable


async def test_what_is_done_offline_arrives(phone: Device, laptop: Device, home: BookOf) -> None:
    def story() -> None:
        phone.sync()
        made = phone.spend(1230, note="rye")
        assert phone.balance == -1230
        assert phone.book.is_pending(Transaction, made)
        phone.sync()
        assert not phone.book.is_pending(Transaction, made)
        laptop.sync()
        assert laptop.get(made) == phone.get(made)
        assert laptop.balance == -1230
        end(phone, laptop)

    await apart(story)
    assert await home.balance() == -1230


async def test_the_same_amount_changed_twice_is_a_conflict(phone: Device, laptop: Device) -> None:
    def story() -> None:
        phone.sync()
        made = phone.spend(100)
        end(phone, laptop)
        phone.change(made, amount=eur(200))
        laptop.change(made, amount=eur(300))
        # What the device itself did before is no reason for a conflict.
        phone.change(made, amount=eur(250))
        phone.sync()
        laptop.sync()
        phone.sync()
        for device in (phone, laptop):
            (conflict,) = device.book.conflicts()
            assert conflict.rule == ConflictRule.CONFLICT_RULE_MONEY
            assert list(conflict.groups) == ["amounts"]
            assert device.balance == -250
        assert laptop.book.tray() == []
        laptop.book.resolve(laptop.book.conflicts()[0], TAKE_MINE)
        assert laptop.balance == -300
        assert laptop.book.conflicts() == []
        end(laptop, phone)
        assert phone.balance == -300
        assert phone.book.conflicts() == []
        assert {each.state for each in phone.book.list(Conflict)} == {ConflictState.CONFLICT_STATE_TOOK_MINE}

    await apart(story)


async def test_what_was_changed_is_not_deleted_unseen(phone: Device, laptop: Device) -> None:
    def story() -> None:
        phone.sync()
        made = phone.spend(100)
        end(phone, laptop)
        phone.change(made, note="still needed")
        laptop.book.do(DeleteTransactionRequest(transaction_id=made))
        assert laptop.balance == 0
        end(phone, laptop)
        assert laptop.balance == -100
        (conflict,) = laptop.book.conflicts()
        assert conflict.rule == ConflictRule.CONFLICT_RULE_DELETES_CHANGED
        laptop.book.resolve(conflict, KEEP_THEIRS)
        end(laptop, phone)
        assert phone.get(made).note == "still needed"
        assert phone.book.conflicts() == []

    await apart(story)


async def test_other_fields_are_merged_and_what_they_replace_is_offered(phone: Device, laptop: Device) -> None:
    def story() -> None:
        phone.sync()
        made = phone.spend(100, payee="Bakery")
        end(phone, laptop)
        phone.change(made, payee="Baker", amount=eur(150))
        laptop.change(made, payee="Bread & Co", note="rye")
        end(phone, laptop, phone)
        for device in (phone, laptop):
            merged = device.get(made)
            assert (merged.payee, merged.note, merged.entries[0].amount.minor) == ("Bread & Co", "rye", -150)
            assert device.book.conflicts() == []
        ((_, replaced),) = laptop.book.replaced()
        assert replaced.before.transaction.payee == "Baker"
        assert list(replaced.groups) == ["payee"]
        assert phone.book.replaced() == []

    await apart(story)


async def test_what_is_refused_lies_in_the_tray_and_holds_up_nothing_else(phone: Device, home: BookOf) -> None:
    def story() -> None:
        phone.sync()
        lost = new_id()
        first = phone.book.do(CreateTagRequest(tag_id=lost, name="trip", request_id=new_id()))
        behind = phone.book.do(UpdateTagRequest(tag_id=lost, name="journey"))
        # The device cannot know that somebody has taken the id for a tag of their own meanwhile.
        phone.client.sign_in(home.person.email, "correct horse battery")
        phone.client.ledger.CreateTag(
            CreateTagRequest(request_id=new_id(), book_id=home.id, tag_id=lost, name="theirs")
        )
        kept = phone.spend(70)
        end(phone)
        assert phone.get(kept).version > 0
        refused, blocked = phone.book.tray()
        assert refused.request_id == first
        assert refused.rejection is not None
        assert refused.rejection.reason == ErrorReason.ERROR_REASON_ID_TAKEN
        assert (blocked.request_id, blocked.blocked_by) == (behind, first)
        assert [tag.name for tag in phone.book.list(Tag)] == ["theirs"]
        # Once more, and it is refused once more; given up, the tray is empty.
        fresh = phone.book.retry(first)
        end(phone)
        assert {each.request_id for each in phone.book.tray()} == set(fresh.values())
        phone.book.discard(fresh[first], also_blocked=True)
        assert phone.book.tray() == []

    await apart(story)


async def test_what_is_put_right_can_be_tried_again(phone: Device, laptop: Device, home: BookOf) -> None:
    def story() -> None:
        end(phone, laptop)
        made = phone.spend(70)
        laptop.book.do(DeleteCategoryRequest(category_id=home.spending_id))
        laptop.sync()
        phone.sync()
        (refused,) = phone.book.tray()
        assert phone.balance == 0
        phone.book.do(RestoreCategoryRequest(category_id=home.spending_id))
        phone.book.retry(refused.request_id)
        end(phone, laptop)
        assert phone.book.tray() == []
        assert laptop.get(made).version > 0

    await apart(story)


async def test_a_lost_answer_is_asked_for_again(phone: Device, home: BookOf) -> None:
    """The push arrives, its answer does not, and the app dies: the next push is the same."""

    def story() -> None:
        phone.sync()
        phone.spend(10)
        phone.spend(20)
        with pytest.raises(sdk.Unavailable):
            phone.book.push(CutOff(phone.client))
        assert phone.book.waiting == 2
        end(phone)

    await apart(story)
    assert await home.balance() == -30


async def test_a_cloned_device_does_nothing_twice(devices: Devices, home: BookOf) -> None:
    phone = devices.make("phone")

    def story() -> None:
        phone.sync()
        shared = phone.spend(10)
        with sqlite3.connect(phone.path) as source, sqlite3.connect(phone.path.with_name("clone.db")) as target:
            source.backup(target)
        source.close()
        target.close()
        clone = devices.make("clone")
        phone.change(shared, note="of the phone")
        clone.change(shared, note="of the clone")
        own = [device.spend(minor) for device, minor in ((phone, 100), (clone, 1000))]
        end(phone, clone)
        for device in (phone, clone):
            assert device.book.tray() == []
            assert device.balance == -1110
            assert {shared, *own} == {each.id for each in device.book.list(Transaction)}

    await apart(story)


async def test_a_request_id_used_for_something_else_is_replaced(devices: Devices) -> None:
    phone, clone = devices.make("phone"), devices.make("clone")

    def story() -> None:
        end(phone, clone)
        same, made = new_id(), new_id()
        phone.spend(10, request_id=same)
        clone.spend(20, request_id=same, transaction_id=made)
        clone.change(made, note="behind it")
        end(phone, clone, phone)
        assert clone.book.tray() == []
        assert {device.balance for device in (phone, clone)} == {-30}
        assert phone.get(made).note == "behind it"

    await apart(story)


async def test_a_copy_that_has_lost_something_is_made_anew(phone: Device) -> None:
    def story() -> None:
        phone.sync()
        made = phone.spend(10)
        end(phone)
        waits = phone.spend(20)
        with sqlite3.connect(phone.path) as file:
            file.execute("DELETE FROM mirror WHERE id = ?", (made,))
            file.execute("UPDATE place SET revision = revision + 1")
        file.close()
        assert phone.balance == -20
        assert phone.book.verify(phone.client) is Verdict.MADE_ANEW
        assert phone.balance == -30
        assert phone.book.is_pending(Transaction, waits)
        assert phone.book.verify(phone.client) is Verdict.SAME
        # A copy that is not at the head cannot be compared.
        phone.book.start_over()
        assert phone.book.verify(phone.client) is Verdict.CANNOT_TELL

    await apart(story)


async def test_a_cursor_that_nobody_can_read_is_none(phone: Device) -> None:
    def story() -> None:
        phone.sync()
        with sqlite3.connect(phone.path) as file:
            file.execute("UPDATE place SET cursor = 'of another age'")
        file.close()
        phone.spend(10)
        end(phone)

    await apart(story)
