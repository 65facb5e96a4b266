"""How do copies exchange with a space, and with each other's processes? A plain space in memory, and a file."""

from pathlib import Path

import pytest

from sdk_python.copies import tag, tags
from sdk_python.pages import BOOK, account
from sdk_python.plain_space import PlainSpace
from tallystick_client import Internal, Unavailable
from tallystick_client.offline import OfflineBook, SpaceForgotten, SyncBusy, database
from tallystick_client.v1.ledger_pb2 import Account
from tallystick_client.v1.sync_service_pb2 import PushResponse


@pytest.fixture
def space() -> PlainSpace:
    made = PlainSpace(BOOK)
    made.put(account())
    return made


def test_a_pull_after_a_push_reaches_what_was_pushed(book: OfflineBook, space: PlainSpace) -> None:
    book.sync(space)
    tag(book)
    book.sync(space)
    book.sync(space)
    # A server that lags behind would show the copy without its own work.
    assert space.min_versions == [0, 2, 0]


def test_a_server_that_stays_behind_is_unavailable_and_forgiven(book: OfflineBook, space: PlainSpace) -> None:
    with pytest.raises(Unavailable) as caught:
        book.pull(space, min_version=9)
    assert caught.value.reason == "BEHIND"
    book.pull(space)
    assert len(book.list(Account)) == 1


def test_a_push_of_many_is_cut_and_goes_on(
    book: OfflineBook, space: PlainSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick_client.offline.outbox.PUSH_MAX", 3)
    for number in range(8):
        tag(book, f"tag {number}")
    space.trouble = ["", "after"]
    with pytest.raises(Unavailable):
        book.sync(space)
    assert book.waiting == 5
    book.sync(space)
    assert book.waiting == 0
    assert len(tags(book)) == 8
    assert space.head == 9


def test_downloads_do_not_wait_for_the_outbox(book: OfflineBook, space: PlainSpace) -> None:
    tag(book)
    space.trouble = ["before"]
    with pytest.raises(Unavailable):
        book.push(space)
    book.pull(space)
    assert len(book.list(Account)) == 1
    assert book.waiting == 1


def test_a_space_that_is_gone_is_forgotten_by_push_and_pull(book: OfflineBook, space: PlainSpace) -> None:
    book.sync(space)
    tag(book)
    space.is_member = False
    with pytest.raises(SpaceForgotten):
        book.push(space)
    assert len(book.drafts()) == 1
    with pytest.raises(SpaceForgotten):
        book.pull(space)
    assert len(book.drafts()) == 1
    space.is_member = True
    book.sync(space)
    assert len(book.list(Account)) == 1


def test_one_exchange_at_a_time(
    book: OfflineBook, space: PlainSpace, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_EXCHANGE_TIMEOUT_S", 0.05)
    tag(book)
    other = OfflineBook.open(path, BOOK)
    with other.turn():
        for exchange in (book.push, book.pull):
            with pytest.raises(SyncBusy):
                exchange(space)
        # Reading and doing go on.
        tag(book, "meanwhile")
        assert book.waiting == 2
    book.sync(space)
    assert tags(other) == ["meanwhile", "trip"]
    other.close()


def test_a_server_that_leaves_something_out_is_not_asked_for_ever(
    book: OfflineBook, space: PlainSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag(book)
    monkeypatch.setattr(space, "Push", lambda request: PushResponse())
    with pytest.raises(Internal):
        book.push(space)
    assert book.waiting == 1
