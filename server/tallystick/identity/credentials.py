"""Whom does a bearer token belong to? An access token's user by its session, or an access key's owner within its limits."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tallystick.caller import Caller, KeyLimits
from tallystick.identity import queries, writes
from tallystick.identity.keyed import ACCESS_KEY_PREFIX, hash_token
from tallystick.identity.rules import invalid_access_key, invalid_token
from tallystick.identity.tokens import AccessTokens
from tallystick.store.apart import Apart
from tallystick.store.store import Store

CACHED_MAX = 50_000
_ACCESS_KEY = re.compile(ACCESS_KEY_PREFIX + r"[A-Za-z0-9_-]{43}")


@dataclass(slots=True)
class _Known:
    """A verified token: good until `good_until`, when the database must be asked again or the token ends."""

    caller: Caller
    expires_at: datetime
    good_until: datetime


class Credentials:
    """Verifies bearer tokens. What was verified is remembered by its hash, and its session looked at again now and then."""

    def __init__(self, store: Store, apart: Apart, tokens: AccessTokens, session_check: timedelta) -> None:
        self._clock = store.clock
        self._apart = apart
        self._tokens = tokens
        self._session_check = session_check
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._forgotten = 0

    async def caller_of(self, bearer: str, address: str) -> Caller:
        """The caller, or NotSignedIn with INVALID_TOKEN or INVALID_ACCESS_KEY."""
        digest = hashlib.sha256(bearer.encode("utf-8", "replace")).digest()
        known = self._known.get(digest)
        if known is None or known.good_until <= self._clock.now():
            known = await self._look(digest, bearer, known)
        if known.caller.address != address:
            known.caller = replace(known.caller, address=address)
        return known.caller

    def forget_session(self, session_id: UUID) -> None:
        """Makes this process ask the database again: the session has ended."""
        self._forget(lambda known: known.caller.session_id == session_id)

    def forget_user(self, user_id: UUID) -> None:
        self._forget(lambda known: known.caller.user_id == user_id)

    def forget_key(self, key_id: UUID) -> None:
        self._forget(lambda known: known.caller.key_id == key_id)

    async def find_ended(self, session_ids: Collection[UUID], key_ids: Collection[UUID]) -> set[UUID]:
        """Which of these sessions and access keys do not count any more, as the database knows it now."""
        now = self._clock.now()
        ended = await self._apart.fetch_all(
            queries.ENDED_SESSIONS(ids=list(session_ids), now=now), queries.ENDED_KEYS(ids=list(key_ids), now=now)
        )
        return {row[0] for rows in ended for row in rows}

    async def _look(self, digest: bytes, bearer: str, known: _Known | None) -> _Known:
        self._known.pop(digest, None)
        forgotten = self._forgotten
        if bearer.startswith(ACCESS_KEY_PREFIX):
            found = await self._find_key(bearer)
        else:
            found = await self._find_session(bearer, known)
        # If a session ended while we asked, this answer may be from before: good for this call, not for the next.
        if forgotten == self._forgotten:
            self._known[digest] = found
        if len(self._known) > CACHED_MAX:
            self._known.popitem(last=False)
        return found

    async def _find_session(self, bearer: str, known: _Known | None) -> _Known:
        now = self._clock.now()
        if known is not None and known.expires_at > now:
            caller, expires_at = known.caller, known.expires_at
        else:
            claims = await self._tokens.verify(bearer)
            expires_at = claims.expires_at
            caller = Caller(claims.user_id, claims.home_id, claims.session_id, "", expires_at=expires_at)
        live = await self._apart.fetch(
            queries.SESSION_IS_LIVE(session_id=caller.session_id, user_id=caller.user_id, now=now)
        )
        if not live:
            raise invalid_token()
        return _Known(caller, expires_at, min(expires_at, now + self._session_check))

    async def _find_key(self, bearer: str) -> _Known:
        if not _ACCESS_KEY.fullmatch(bearer):
            raise invalid_access_key()
        now = self._clock.now()
        found = await self._apart.fetch(queries.ACCESS_KEY_BY_SECRET(secret_hash=hash_token(bearer)))
        if not found or found[0][5] <= now:
            raise invalid_access_key()
        key_id, user_id, home_id, book_ids, scope, expires_at, last_used_at = found[0]
        hour = now.replace(minute=0, second=0, microsecond=0)
        if last_used_at is None or last_used_at < hour:
            await self._apart.fetch_all(writes.TOUCH_ACCESS_KEY(of_key=key_id, hour=hour))
        limits = KeyLimits(frozenset(book_ids), scope)
        caller = Caller(user_id, home_id, None, "", limits, key_id=key_id, expires_at=expires_at)
        return _Known(caller, expires_at, min(expires_at, now + self._session_check))

    def _forget(self, is_meant: Callable[[_Known], bool]) -> None:
        self._forgotten += 1
        for digest in [digest for digest, known in self._known.items() if is_meant(known)]:
            del self._known[digest]
