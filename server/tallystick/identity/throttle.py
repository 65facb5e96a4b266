"""May this attempt go ahead? Counters of attempts by address, account and device, in PostgreSQL: shared by all processes, and there
after a restart.

An attempt is counted before the password is looked at, so that a thousand guesses at once are not a thousand first guesses; a right
one takes its count back. Nobody waits in the server: whoever is too early is told when to come again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tallystick.identity import queries, writes
from tallystick.identity.keyed import Keyed
from tallystick.identity.locked import under_lock
from tallystick.identity.rules import is_this_machine, too_many_attempts
from tallystick.identity.throttle_rules import Attempt, Counter, Limits, Schedule, block_of
from tallystick.store.connection import Row
from tallystick.store.statements import Call
from tallystick.store.store import Store

# The first byte of each subject says what is counted.
_PAIR, _ACCOUNT, _DEVICE = b"p", b"u", b"d"
_ADDRESS, _BLOCK = b"a", b"b"
_MAIL_ADDRESS, _MAIL_ACCOUNT = b"m", b"n"
_IDLE = b"i"
# No pair's subject is greater than its address's prefix and this.
_LAST = b"\xff" * 17


class Throttle:
    """Counts attempts and refuses those that come too early."""

    def __init__(self, store: Store, keyed: Keyed, limits: Limits | None = None) -> None:
        self._store = store
        self._keyed = keyed
        self.limits = limits or Limits()

    async def admit(self, attempt: Attempt) -> None:
        """Counts an attempt, or raises TOO_MANY_ATTEMPTS."""
        await self._take(self._buckets(attempt), None if attempt.device else self._block_subject(attempt))

    async def admit_mail(self, address: str, account: bytes) -> None:
        """Counts a mail that somebody makes us send, or raises TOO_MANY_ATTEMPTS."""
        network, hashed = self._keyed.hash_network(address), self._keyed.hash_subject(account)
        buckets = [(_MAIL_ACCOUNT + hashed, self.limits.mail_account)]
        if not is_this_machine(address):
            buckets.append((_MAIL_ADDRESS + network, self.limits.mail_address))
        await self._take(buckets, _BLOCK + network)

    async def admit_address(self, address: str) -> None:
        """Raises TOO_MANY_ATTEMPTS while the address is blocked. Counts nothing."""
        await self._take([], _BLOCK + self._keyed.hash_network(address))

    async def touch(self, address: str) -> None:
        """Writes one row that says nothing, for calls that must take as long as those that write."""
        counter = Counter(0, self._store.clock.now())
        async with self._store.connection() as connection:
            await connection.batch([queries.AS_APP(), _keep(_IDLE + self._keyed.hash_network(address), counter)])

    async def succeed(self, attempt: Attempt) -> None:
        """The attempt was right: the pair starts again, and the account's counter loses this attempt."""
        (own, _), *others = self._buckets(attempt)
        calls = [writes.LOWER_COUNTER(of_subject=subject) for subject, _ in others]
        locks = [_number(own), *(_number(subject) for subject, _ in others)]
        await under_lock(self._store, locks, [], lambda _: [writes.DROP_COUNTER(of_subject=own), *calls])

    async def fail(self, attempt: Attempt) -> None:
        """The attempt was wrong. An address that is wrong about many accounts gets blocked."""
        if attempt.device or is_this_machine(attempt.address):
            return
        network = self._keyed.hash_network(attempt.address)
        now = self._store.clock.now()
        address, block = _ADDRESS + network, _BLOCK + network
        prefix = _PAIR + network
        reads: list[Call[*tuple[Any, ...]]] = [
            queries.COUNTERS(subjects=[address, block]),
            queries.COUNT_BETWEEN(first=prefix, last=prefix + _LAST, since=now - self.limits.block_window),
        ]

        def decide(rows: list[list[Row]]) -> Sequence[Call[()]]:
            counters = _read(rows[0])
            counter = counters.get(address)
            window_s = self.limits.block_window.total_seconds()
            is_recent = counter is not None and (now - counter.last_at).total_seconds() < window_s
            failures = counter.attempts + 1 if counter and is_recent else 1
            earned = block_of(self.limits, failures, rows[1][0][0], counters.get(block), now)
            if earned is None:
                return [_keep(address, Counter(failures, now))]
            return [writes.DROP_COUNTER(of_subject=address), _keep(block, earned)]

        await under_lock(self._store, [_number(address)], reads, decide)

    async def _take(self, buckets: Sequence[tuple[bytes, Schedule]], block: bytes | None) -> None:
        now = self._store.clock.now()
        subjects = [subject for subject, _ in buckets] + ([block] if block else [])

        def decide(rows: list[list[Row]]) -> Sequence[Call[()]]:
            counters = _read(rows[0])
            wait_s = max(
                _block_wait_s(counters.get(block), now) if block else 0.0,
                *(_wait_s(schedule, counters.get(subject), now) for subject, schedule in buckets),
                0.0,
            )
            if wait_s > 0:
                raise too_many_attempts(wait_s)
            return [_keep(subject, _next(schedule, counters.get(subject), now)) for subject, schedule in buckets]

        locks = [_number(subject) for subject, _ in buckets]
        await under_lock(self._store, locks, [queries.COUNTERS(subjects=subjects)], decide)

    def _buckets(self, attempt: Attempt) -> list[tuple[bytes, Schedule]]:
        account = self._keyed.hash_subject(attempt.account)
        if attempt.device:
            return [(_DEVICE + account + self._keyed.hash_subject(attempt.device), self.limits.device)]
        pair = _PAIR + self._keyed.hash_network(attempt.address) + account
        return [(pair, self.limits.pair), (_ACCOUNT + account, self.limits.account)]

    def _block_subject(self, attempt: Attempt) -> bytes:
        return _BLOCK + self._keyed.hash_network(attempt.address)


def _read(rows: list[Row]) -> dict[bytes, Counter]:
    return {subject: Counter(attempts, last_at, blocked_until) for subject, attempts, last_at, blocked_until in rows}


def _keep(subject: bytes, counter: Counter) -> Call[()]:
    return writes.KEEP_COUNTER(
        subject=subject, failures=counter.attempts, last_failed_at=counter.last_at, blocked_until=counter.blocked_until
    )


def _wait_s(schedule: Schedule, counter: Counter | None, now: datetime) -> float:
    return schedule.wait_s(counter.attempts, (now - counter.last_at).total_seconds()) if counter else 0.0


def _next(schedule: Schedule, counter: Counter | None, now: datetime) -> Counter:
    return Counter(schedule.count(counter.attempts, (now - counter.last_at).total_seconds()) if counter else 1, now)


def _block_wait_s(counter: Counter | None, now: datetime) -> float:
    return (counter.blocked_until - now).total_seconds() if counter and counter.blocked_until else 0.0


def _number(subject: bytes) -> int:
    """The number of the lock that a subject is guarded by."""
    return int.from_bytes(subject[1:9], signed=True)
