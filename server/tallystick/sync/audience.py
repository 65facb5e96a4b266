"""Who watches here, and may they still? Looked at about once a second: tokens, sessions, keys, and the lists of spaces."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from tallystick.clock import Clock
from tallystick.errors import LimitReached, Unavailable
from tallystick.identity.credentials import Credentials
from tallystick.store.apart import Apart
from tallystick.sync.queries_watching import LISTS_MOVED
from tallystick.sync.watcher import Watcher
from tallystick.v1.error_reason_pb2 import ErrorReason

STREAMS_OF_USER_MAX = 20
STREAMS_MAX = 10_000
# Long enough for a stream that was lost on the way to be noticed here.
RETRY_AFTER_S = 30.0
# The mark of a list of no spaces.
EMPTY = 0


class Audience:
    """The open streams of this process, by their users."""

    def __init__(self, apart: Apart, credentials: Credentials, clock: Clock) -> None:
        self._apart = apart
        self._credentials = credentials
        self._clock = clock
        self._of_user: dict[UUID, set[Watcher]] = {}
        # By user, the mark of the list of spaces that their streams know.
        self._marks: dict[UUID, int] = {}
        self._count = 0

    def __iter__(self) -> Iterator[Watcher]:
        for watchers in self._of_user.values():
            yield from watchers

    def __len__(self) -> int:
        return self._count

    def admit(self, watcher: Watcher) -> None:
        of_user = self._of_user.get(watcher.caller.user_id, set())
        if len(of_user) >= STREAMS_OF_USER_MAX or self._count >= STREAMS_MAX:
            raise LimitReached(
                ErrorReason.ERROR_REASON_TOO_MANY_STREAMS, "Too many streams are open.", retry_after_s=RETRY_AFTER_S
            )
        of_user.add(watcher)
        self._of_user[watcher.caller.user_id] = of_user
        self._count += 1

    def leave(self, watcher: Watcher) -> None:
        user_id = watcher.caller.user_id
        self._of_user[user_id].remove(watcher)
        self._count -= 1
        if not self._of_user[user_id]:
            del self._of_user[user_id]
            self._marks.pop(user_id, None)

    def know_list(self, user_id: UUID, hashes: Iterable[int]) -> None:
        """A stream has read its user's list. If others of the user read an older one, all of them read it again."""
        mark = EMPTY
        for number in hashes:
            mark ^= number
        self._marks.setdefault(user_id, mark)

    def doubt_list(self, user_id: UUID) -> None:
        """A stream has forgotten a space. If the user gets it back before the next look, the list is as it was, and must be read anyway."""
        self._marks[user_id] = EMPTY

    async def look(self) -> None:
        """Ends the streams of tokens that do not count any more, and tells the others if their lists moved."""
        now = self._clock.now()
        for watcher in list(self):
            expires_at = watcher.caller.expires_at
            if expires_at is not None and expires_at <= now:
                watcher.end()
        try:
            await self._look_at_sessions()
            await self._look_at_lists()
        except Unavailable:
            # Readiness tells the world; the next look is in a second.
            return

    async def _look_at_sessions(self) -> None:
        callers = [watcher.caller for watcher in self]
        sessions = {caller.session_id for caller in callers if caller.session_id is not None}
        keys = {caller.key_id for caller in callers if caller.key_id is not None}
        if not sessions and not keys:
            return
        ended = await self._credentials.find_ended(sessions, keys)
        for watcher in list(self) if ended else ():
            if watcher.caller.session_id in ended or watcher.caller.key_id in ended:
                watcher.end()

    async def _look_at_lists(self) -> None:
        if not self._marks:
            return
        for user_id, mark in await self._apart.fetch(
            LISTS_MOVED(ids=list(self._marks), numbers=list(self._marks.values()))
        ):
            if user_id in self._marks:
                self._marks[user_id] = mark
                for watcher in self._of_user[user_id]:
                    watcher.mark_list()
