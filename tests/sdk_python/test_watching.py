"""Does a watcher keep copies up to date, whatever becomes of its stream? By a script, and against the real server."""

import queue
from collections.abc import Iterator
from typing import Any

import pytest

from people import BookOf, Person
from runtime.probes import until
from sdk_python.copies import tag
from sdk_python.devices import Devices, apart, end, join
from sdk_python.pages import BOOK, account, category, change_of, some_id
from sdk_python.plain_space import PlainSpace
from tallystick_client import Retries, Unavailable, new_id
from tallystick_client.offline import News, OfflineBook, Watcher
from tallystick_client.offline.watching import Silence, What
from tallystick_client.v1 import space_service_pb2
from tallystick_client.v1.ledger_pb2 import Account, Category, Transaction
from tallystick_client.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.sync_service_pb2 import (
    PullRequest,
    PullResponse,
    WatchAdded,
    WatchBehind,
    WatchChanges,
    WatchForget,
    WatchGoodbye,
    WatchHeartbeat,
    WatchRequest,
    WatchResponse,
)

HEARTBEAT = WatchResponse(heartbeat=WatchHeartbeat())


class Stream:
    """What a watcher reads from: whatever a test puts in."""

    def __init__(self) -> None:
        self.answers: queue.SimpleQueue[WatchResponse | Exception | None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[WatchResponse]:
        while (answer := self.answers.get()) is not None:
            if isinstance(answer, Exception):
                raise answer
            yield answer

    def cancel(self) -> None:
        self.answers.put(None)


class Wire(PlainSpace):
    """A space whose streams a test writes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.streams: list[Stream] = []
        self.asked: list[list[str]] = []
        self.pulls = 0
        self.retries = Retries(tries=1, first_wait_s=0.001)

    def Watch(self, request: WatchRequest, timeout: float) -> Stream:
        self.asked.append(list(request.cursors))
        self.streams.append(Stream())
        return self.streams[-1]

    def Pull(self, request: PullRequest, timeout: float) -> Iterator[PullResponse]:
        self.pulls += 1
        return super().Pull(request, timeout)

    def say(self, answer: WatchResponse | Exception) -> None:
        until(lambda: bool(self.streams), "the watcher asks", 5)
        self.streams[-1].answers.put(answer)

    def changes(self, *messages: Any) -> WatchResponse:
        """Somebody changes these, and the stream tells so."""
        self.put(*messages)
        cursor = f"0.{self.head}"
        told = WatchChanges(space_id=BOOK, cursor=cursor, changes=[change_of(each, self.head) for each in messages])
        return WatchResponse(changes=told)


@pytest.fixture
def wire(book: OfflineBook) -> Wire:
    space = Wire(BOOK)
    space.put(account(), category())
    book.sync(space)
    space.pulls = 0
    return space


@pytest.fixture
def news() -> list[News]:
    return []


@pytest.fixture
def watcher(book: OfflineBook, wire: Wire, news: list[News]) -> Iterator[Watcher]:
    made = Watcher(wire, [book], news.append, silence_s=0.5)
    made.start()
    yield made
    made.stop()


def name_in(book: OfflineBook) -> str:
    return book.list(Account)[0].name


def test_changes_that_follow_need_no_pull(book: OfflineBook, wire: Wire, watcher: Watcher) -> None:
    assert wire.pulls == 0
    wire.say(HEARTBEAT)
    for number in range(5):
        wire.say(wire.changes(account(name=f"name {number}")))
    until(lambda: name_in(book) == "name 4", "the last change is there", 5)
    assert wire.pulls == 0
    assert wire.asked == [["0.1"]]


def test_changes_that_do_not_follow_are_pulled(book: OfflineBook, wire: Wire, watcher: Watcher) -> None:
    wire.say(HEARTBEAT)
    # The app pulls by itself: the copy is further than the stream.
    wire.put(account(name="pulled"))
    book.pull(wire)
    wire.say(wire.changes(category(name="Bread")))
    until(lambda: book.list(Category)[0].name == "Bread", "it is there", 5)
    assert wire.pulls == 2
    # From there on it follows again.
    wire.say(wire.changes(account(name="after")))
    until(lambda: name_in(book) == "after", "the next is there", 5)
    assert wire.pulls == 2


def test_behind_is_pulled(book: OfflineBook, wire: Wire, watcher: Watcher) -> None:
    wire.put(account(name="much"))
    wire.say(WatchResponse(behind=WatchBehind(space_id=BOOK, head=wire.head)))
    until(lambda: name_in(book) == "much", "it is there", 5)
    wire.say(wire.changes(account(name="more")))
    until(lambda: name_in(book) == "more", "and what follows", 5)
    assert wire.pulls == 1


def test_a_heartbeat_says_where_the_stream_is(book: OfflineBook, wire: Wire, watcher: Watcher) -> None:
    wire.put(account(name="one"))
    told = wire.head
    wire.put(account(name="two"))
    # The pull goes further than the stream has said: where that is, nobody knows.
    wire.say(WatchResponse(behind=WatchBehind(space_id=BOOK, head=told)))
    until(lambda: name_in(book) == "two", "all of it is there", 5)
    wire.say(WatchResponse(heartbeat=WatchHeartbeat(cursors=[f"0.{wire.head}"])))
    wire.say(wire.changes(account(name="three")))
    until(lambda: name_in(book) == "three", "and what follows", 5)
    assert wire.pulls == 1


def test_what_is_done_is_sent_at_once(book: OfflineBook, wire: Wire, watcher: Watcher) -> None:
    wire.say(HEARTBEAT)
    request_id = tag(book)
    until(lambda: request_id in wire.ever_done, "it is sent", 5)
    until(lambda: book.waiting == 0, "and known to be", 5)


def test_a_silent_stream_is_left(book: OfflineBook, wire: Wire, watcher: Watcher, news: list[News]) -> None:
    until(lambda: len(wire.asked) >= 2, "it asks again", 5)
    until(lambda: any(isinstance(each.error, Silence) for each in news), "the app is told", 5)
    wire.say(wire.changes(account(name="after the silence")))
    until(lambda: name_in(book) == "after the silence", "the next stream works", 5)


def test_a_stream_that_breaks_or_says_goodbye_is_begun_again(book: OfflineBook, wire: Wire, watcher: Watcher) -> None:
    wire.say(Unavailable("gone"))
    until(lambda: len(wire.asked) == 2, "it asks again after a break", 5)
    wire.put(account(name="meanwhile"))
    goodbye = WatchGoodbye()
    goodbye.again_after.FromMilliseconds(20)
    wire.say(WatchResponse(goodbye=goodbye))
    until(lambda: len(wire.asked) == 3, "and after a goodbye", 5)
    wire.say(WatchResponse(behind=WatchBehind(space_id=BOOK, head=wire.head)))
    until(lambda: name_in(book) == "meanwhile", "and goes on", 5)


def test_a_space_that_is_lost_and_found(book: OfflineBook, wire: Wire, watcher: Watcher, news: list[News]) -> None:
    wire.say(WatchResponse(forget=WatchForget(space_id=BOOK)))
    until(lambda: News(What.FORGOTTEN, BOOK) in news, "the app is told", 5)
    assert book.list(Account) == []
    wire.say(WatchResponse(added=WatchAdded(space_id=some_id(2))))
    wire.say(WatchResponse(added=WatchAdded(space_id=BOOK)))
    until(lambda: len(book.list(Account)) == 1, "it is there again", 5)
    assert News(What.ADDED, some_id(2)) in news


def test_a_watcher_that_is_stopped_leaves_what_waits(book: OfflineBook, wire: Wire) -> None:
    wire.trouble = ["before"] * 1000
    watcher = Watcher(wire, [book])
    watcher.start()
    tag(book)
    until(lambda: len(wire.trouble) < 990, "it tries", 5)
    watcher.stop()
    assert book.waiting == 1
    wire.trouble = []
    tag(book, "nobody watches")
    assert book.waiting == 2


async def test_a_watcher_keeps_copies_alike(devices: Devices, home: BookOf) -> None:
    phone, laptop = devices.make("phone"), devices.make("laptop")

    def story() -> None:
        end(phone, laptop)
        news: list[News] = []
        watchers = [Watcher(phone.client, [phone.book]), Watcher(laptop.client, [laptop.book], news.append)]
        for watcher in watchers:
            watcher.start()
        try:
            made = phone.spend(1230)
            until(lambda: laptop.book.get(Transaction, made) is not None, "it is on the laptop, too", 10)
            laptop.change(made, note="seen")
            until(lambda: phone.get(made).note == "seen", "and back", 10)
        finally:
            for watcher in watchers:
                watcher.stop()
        assert News(What.CHANGED, laptop.book.space_id) in news
        assert What.FAILED not in {each.what for each in news}
        end(phone, laptop)

    await apart(story)


async def test_a_watcher_tells_what_is_new_and_what_is_lost(
    devices: Devices, ann: Person, bob: Person, home: BookOf
) -> None:
    member_id = await join(ann, bob, home, Role.ROLE_EDITOR)
    of_bob = devices.make("of bob", bob)
    news: list[News] = []
    watcher = Watcher(of_bob.client, [of_bob.book], news.append)
    await apart(of_bob.sync)
    watcher.start()
    try:
        other = await ann.ledger.CreateBook(CreateBookRequest(request_id=new_id(), name="Other", base_currency="EUR"))
        await join(ann, bob, BookOf(ann, other.book.id, "", "", ""), Role.ROLE_VIEWER)
        await apart(lambda: until(lambda: News(What.ADDED, other.book.id) in news, "the other book is told of", 10))
        await ann.spaces.RemoveMember(
            space_service_pb2.RemoveMemberRequest(request_id=new_id(), space_id=home.id, member_id=member_id)
        )
        await apart(lambda: until(lambda: News(What.FORGOTTEN, home.id) in news, "the loss is told of", 10))
        assert of_bob.book.list(Account) == []
    finally:
        await apart(watcher.stop)
