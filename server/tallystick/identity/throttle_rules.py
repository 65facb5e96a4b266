"""How long must whoever failed before wait now? Pure arithmetic on counts and instants."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

_DOUBLINGS_MAX = 40  # 2**40 times any delay is beyond every `longest_s`


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries, from where. `account` is whatever names the account: the hash of its address, or the user's id.

    `device` is the token of a known device, or the id of a session: such an attempt has a counter of its own, and what strangers
    do does not touch it.
    """

    address: str
    account: bytes
    device: bytes | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """So many attempts are free; after that each one waits twice as long as the one before."""

    free: int
    first_s: float
    longest_s: float
    # A counter whose last attempt is older than this starts again.
    forget_s: float

    def wait_s(self, attempts: int, since_last_s: float) -> float:
        """How long the next attempt must still wait. Zero: it may go ahead."""
        if attempts < self.free or since_last_s >= self.forget_s:
            return 0.0
        delay = min(self.longest_s, self.first_s * 2.0 ** min(attempts - self.free, _DOUBLINGS_MAX))
        return max(0.0, delay - since_last_s)

    def count(self, attempts: int, since_last_s: float) -> int:
        """The counter after one more attempt."""
        return 1 if since_last_s >= self.forget_s else attempts + 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit on attempts and mails, in one place."""

    # One address at one account: a person who mistypes, or somebody who guesses.
    pair: Schedule = Schedule(free=5, first_s=1, longest_s=900, forget_s=86_400)
    # One account, from anywhere: guesses spread over many addresses. Known devices do not meet it.
    account: Schedule = Schedule(free=10, first_s=1, longest_s=900, forget_s=86_400)
    # A known device, or a session, at its own account.
    device: Schedule = Schedule(free=5, first_s=1, longest_s=900, forget_s=86_400)
    # Mails that one address makes us send, and mails to one account.
    mail_address: Schedule = Schedule(free=30, first_s=10, longest_s=900, forget_s=3_600)
    mail_account: Schedule = Schedule(free=3, first_s=60, longest_s=3_600, forget_s=86_400)
    # An address that fails so often, at so many accounts, within this time, is blocked; each next time twice as long.
    block_failures: int = 20
    block_accounts: int = 5
    block_window: timedelta = field(default=timedelta(minutes=10))
    block_first: timedelta = field(default=timedelta(minutes=15))
    block_longest: timedelta = field(default=timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter as it is kept."""

    attempts: int
    last_at: datetime
    blocked_until: datetime | None = None


def block_of(limits: Limits, failures: int, accounts: int, last_block: Counter | None, now: datetime) -> Counter | None:
    """The block that an address has earned with its latest failure, if it has."""
    if failures < limits.block_failures or accounts < limits.block_accounts:
        return None
    is_new = (
        last_block is None or last_block.blocked_until is None or now - last_block.blocked_until >= limits.block_longest
    )
    blocks = 1 if is_new or last_block is None else last_block.attempts + 1
    length = min(limits.block_longest, limits.block_first * 2 ** min(blocks - 1, _DOUBLINGS_MAX))
    return Counter(blocks, now, now + length)
