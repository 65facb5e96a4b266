"""How do a copy and the server exchange? The outbox goes up in order, changes come down page by page; neither waits for the other.

Nothing here keeps state: a process that dies between two steps goes on from what the file says.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from tallystick_client.errors import Internal, InvalidArgument, NotFound
from tallystick_client.offline.commands import command_in
from tallystick_client.offline.mirror import cursor_to_pull
from tallystick_client.offline.refusals import SpaceForgotten
from tallystick_client.retrying import Retries
from tallystick_client.v1.sync_service_pb2 import GetSyncStatusRequest, PullRequest, PushRequest
from tallystick_client.v1.sync_service_pb2_grpc import SyncServiceStub

if TYPE_CHECKING:
    from tallystick_client.offline.book import OfflineBook

Turn = AbstractContextManager[None]

# What has come by then stays: the next call goes on from there.
_PULL_TIMEOUT_S = 600.0
# What was sent under another id, or came in meanwhile, takes another round; the rest can wait for the next call.
_ROUNDS_MAX = 5


class HasSync(Protocol):
    """What is needed of a client."""

    @property
    def sync(self) -> SyncServiceStub: ...

    @property
    def retries(self) -> Retries: ...


class Verdict(Enum):
    """How a copy compares with the space."""

    SAME = "the copy holds what the space holds"
    CANNOT_TELL = "one of the two has moved on, or the copy holds what this package does not know"
    MADE_ANEW = "the copy differed, and was made anew"


def sync(book: "OfflineBook", client: HasSync) -> None:
    for _ in range(_ROUNDS_MAX):
        pull(book, client, push(book, client))
        if not book.waiting:
            return


def push(book: "OfflineBook", client: HasSync) -> int:
    newest, tried = 0, set[str]()
    with book.turn():
        while mutations := book.next_push():
            request_ids = {command_in(mutation).request_id for mutation in mutations}
            if not tried.isdisjoint(request_ids):
                raise Internal("the server has left mutations without a result")
            tried |= request_ids
            with _forgetting(book):
                # The client repeats it as it is; what was done the first time answers so.
                answer = client.sync.Push(PushRequest(space_id=book.space_id, mutations=mutations))
            newest = max(newest, book.take_results(answer))
    return newest


def pull(book: "OfflineBook", client: HasSync, min_version: int) -> None:
    with book.turn(), _forgetting(book):
        try:
            _pull(book, client, min_version)
        except InvalidArgument as refused:
            if refused.reason != "INVALID_CURSOR" or not cursor_to_pull(book.place):
                raise
            book.start_over()
            _pull(book, client, min_version)


def _pull(book: "OfflineBook", client: HasSync, min_version: int) -> None:
    def attempt(left_s: float) -> None:
        # After a break it goes on from the last page that came.
        cursor = cursor_to_pull(book.place)
        request = PullRequest(space_id=book.space_id, cursor=cursor, min_version=min_version)
        for page in client.sync.Pull(request, timeout=left_s):
            book.take_page(page)

    client.retries.run(attempt, _PULL_TIMEOUT_S)


def verify(book: "OfflineBook", client: HasSync) -> Verdict:
    with book.turn(), _forgetting(book):
        status = client.sync.GetSyncStatus(GetSyncStatusRequest(space_id=book.space_id))
        place, own = book.standing()
        if own is None or place.cursor != status.cursor or place.shadow_cursor is not None:
            return Verdict.CANNOT_TELL
        if own == (status.live_count, status.digest):
            return Verdict.SAME
        # The other's number is never taken over: it would say that all is well from then on.
        book.start_over()
        _pull(book, client, 0)
    return Verdict.MADE_ANEW


@contextmanager
def _forgetting(book: "OfflineBook") -> Iterator[None]:
    """A space that is not there any more for its user is forgotten."""
    try:
        yield
    except NotFound as gone:
        book.forget()
        raise SpaceForgotten(book.space_id) from gone
