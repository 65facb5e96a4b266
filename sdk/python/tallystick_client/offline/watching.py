"""How do copies stay up to date while the app runs? One stream says when to pull; the outbox is sent when something is put in."""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NamedTuple

from tallystick_client.calls import INVALID_TOKEN
from tallystick_client.errors import TallystickError
from tallystick_client.offline.book import OfflineBook
from tallystick_client.offline.exchange import HasSync
from tallystick_client.offline.refusals import OfflineError, SpaceForgotten
from tallystick_client.v1.sync_service_pb2 import WatchChanges, WatchRequest, WatchResponse

# Heartbeats come every 20 s: a stream that is silent for longer is dead, whatever the network says.
_SILENCE_S = 45.0
# A stream ends by itself long before.
_STREAM_TIMEOUT_S = 3600.0


class What(Enum):
    """What a watcher has to tell."""

    # The copy has changed.
    CHANGED = 1
    # There is a space that the watcher has no copy of.
    ADDED = 2
    # The user is not in the space any more.
    FORGOTTEN = 3
    # The server is away, or refuses. The watcher tries again by itself.
    FAILED = 4


class News(NamedTuple):
    """Something that an app may want to show."""

    what: What
    space_id: str = ""
    error: TallystickError | OfflineError | None = None


class Silence(OfflineError):
    """The stream has said nothing for too long."""


class _Ended(Exception):
    """The server has ended the stream as announced, and says when to come back."""

    def __init__(self, again_after_s: float) -> None:
        self.again_after_s = again_after_s


class Watcher:
    """A thread that keeps copies up to date and their outboxes empty. `on_news` is called on it, and must not raise."""

    def __init__(
        self,
        client: HasSync,
        books: Iterable[OfflineBook],
        on_news: Callable[[News], None] = lambda news: None,
        *,
        silence_s: float = _SILENCE_S,
    ) -> None:
        self._client = client
        self._books = {book.space_id: book for book in books}
        self._on_news = on_news
        self._silence_s = silence_s
        self._stopping = threading.Event()
        # Answers of the stream, how it ended, and books that something was put into.
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # Where the stream is in each space, as far as that is known.
        self._positions: dict[str, str] = {}
        self._unsubscribe = [book.subscribe(self._nudge_of(book)) for book in self._books.values()]
        self._thread = threading.Thread(target=self._run, name="tallystick-watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended. What waits stays in the outboxes."""
        self._stopping.set()
        self._inbox.put(None)
        self._thread.join()
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _nudge_of(self, book: OfflineBook) -> Callable[[], None]:
        return lambda: self._inbox.put(book)

    def _run(self) -> None:
        failed = 0
        while not self._stopping.is_set():
            try:
                for book in self._books.values():
                    self._catch_up(book)
                self._watch()
            except _Ended as ended:
                failed, wait_s = 0, ended.again_after_s
            except (TallystickError, OfflineError) as error:
                failed += 1
                wait_s = self._wait_after(error, failed)
                self._on_news(News(What.FAILED, error=error))
            self._pause(wait_s)

    def _pause(self, wait_s: float) -> None:
        self._stopping.wait(wait_s)

    def _wait_after(self, error: TallystickError | OfflineError, failed: int) -> float:
        if isinstance(error, TallystickError) and error.retry_after_s is not None:
            # A little more than was asked for: all who were sent away together were told the same.
            return error.retry_after_s + self._client.retries.wait_s(1)
        return self._client.retries.wait_s(failed)

    def _watch(self) -> None:
        """Until the stream ends, which is always an exception."""
        places = {book.space_id: book.place for book in self._books.values()}
        self._positions = {space_id: place.cursor for space_id, place in places.items() if place.cursor}
        request = WatchRequest(cursors=list(self._positions.values()))
        stream = self._client.sync.Watch(request, timeout=_STREAM_TIMEOUT_S)
        # A reader of its own: waiting for the next answer cannot be given a limit otherwise.
        reader = threading.Thread(target=self._read, args=(stream,), name="tallystick-stream", daemon=True)
        reader.start()
        try:
            heard_at = time.monotonic()
            while True:
                item = self._next(heard_at + self._silence_s)
                if isinstance(item, WatchResponse):
                    heard_at = time.monotonic()
                    self._take(item)
                elif isinstance(item, OfflineBook):
                    self._catch_up(item)
                else:
                    raise item
        finally:
            stream.cancel()
            reader.join()
            self._inbox = queue.SimpleQueue()

    def _next(self, until: float) -> Any:
        try:
            item = self._inbox.get(timeout=max(until - time.monotonic(), 0))
        except queue.Empty:
            raise Silence from None
        return _Ended(0) if item is None else item

    def _read(self, stream: Any) -> None:
        inbox, has_begun = self._inbox, False
        try:
            for answer in stream:
                inbox.put(answer)
                has_begun = True
            inbox.put(_Ended(self._client.retries.wait_s(1)))
        except TallystickError as error:
            # A token that stopped working meanwhile is exchanged for the next stream.
            is_of_token = has_begun and error.reason == INVALID_TOKEN
            inbox.put(_Ended(self._client.retries.wait_s(1)) if is_of_token else error)

    def _catch_up(self, book: OfflineBook) -> None:
        """Sends what waits, and makes a first copy. Whether there is news of the rest the stream says."""
        place = book.place
        if not place.is_forgotten and (book.waiting or not place.cursor):
            self._exchange(book)

    def _exchange(self, book: OfflineBook) -> None:
        try:
            book.sync(self._client)
        except SpaceForgotten:
            self._on_news(News(What.FORGOTTEN, book.space_id))
        else:
            self._on_news(News(What.CHANGED, book.space_id))

    def _take(self, answer: WatchResponse) -> None:
        event = answer.WhichOneof("event")
        if event == "heartbeat":
            self._take_heartbeat(set(answer.heartbeat.cursors))
        elif event == "goodbye":
            raise _Ended(answer.goodbye.again_after.ToMilliseconds() / 1000)
        elif event is not None:
            told = getattr(answer, event)
            book = self._books.get(told.space_id)
            if book is not None:
                self._take_about(book, event, told)
            elif event == "added":
                self._on_news(News(What.ADDED, told.space_id))

    def _take_about(self, book: OfflineBook, event: str, told: Any) -> None:
        if event == "changes":
            self._take_changes(book, told)
        elif event == "forget":
            book.forget()
            self._on_news(News(What.FORGOTTEN, book.space_id))
        else:
            # Behind, added, or to be made anew: the pull finds out.
            self._exchange(book)
            place = book.place
            is_there = event == "behind" and place.version == told.head
            self._positions[book.space_id] = place.cursor if is_there else ""

    def _take_changes(self, book: OfflineBook, changes: WatchChanges) -> None:
        follows_on = self._positions.get(book.space_id, "")
        self._positions[book.space_id] = changes.cursor
        if follows_on and book.take_news(changes, follows_on):
            self._on_news(News(What.CHANGED, book.space_id))
        else:
            self._exchange(book)

    def _take_heartbeat(self, cursors: set[str]) -> None:
        """Says where the stream is. Also a moment to send what other processes have put in."""
        for book in self._books.values():
            cursor = book.place.cursor
            if cursor in cursors:
                self._positions[book.space_id] = cursor
            self._catch_up(book)
