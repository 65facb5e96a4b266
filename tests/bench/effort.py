"""How long is measured? Rounds are short and many, so that whatever else the machine does falls on both sides of a ratio."""

from dataclasses import dataclass

CALLERS = 32
CONNECTIONS = 4


@dataclass(frozen=True)
class Effort:
    """What one run of the bench spends."""

    rounds: int
    round_s: float
    one_account_s: float
    mixed_writers_s: float
    page_rounds: int
    page_round_s: float
    large_book: int
    streams: int
    watches: int
    watch_s: float
    logins: int
    splits: int
    # Transactions in a backup, and how often it is made.
    backed_up: int
    backup_rounds: int


FULL = Effort(
    rounds=5,
    round_s=4.0,
    one_account_s=5.0,
    mixed_writers_s=30.0,
    page_rounds=10,
    page_round_s=0.8,
    large_book=100_000,
    streams=2_000,
    watches=5_000,
    watch_s=20.0,
    logins=100,
    splits=1_000_000,
    backed_up=1_000_000,
    backup_rounds=1,
)
QUICK = Effort(
    rounds=3,
    round_s=1.5,
    one_account_s=2.0,
    mixed_writers_s=5.0,
    page_rounds=5,
    page_round_s=0.4,
    large_book=100_000,
    streams=500,
    watches=500,
    watch_s=5.0,
    logins=10,
    splits=20_000,
    backed_up=20_000,
    backup_rounds=1,
)
