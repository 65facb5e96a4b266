"""How long whoever failed before must wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.identity.throttle_rules import Counter, Limits, Schedule, block_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULE = Schedule(free=3, first_s=1, longest_s=900, forget_s=86_400)
LIMITS = Limits()


@pytest.mark.parametrize(
    ("attempts", "since_s", "wait_s"),
    [
        (0, 0, 0),
        (2, 0, 0),
        (3, 0, 1),
        (3, 0.25, 0.75),
        (3, 1, 0),
        (4, 0, 2),
        (5, 0, 4),
        (13, 0, 900),
        (9999, 0, 900),
        (9999, 86_400, 0),
    ],
)
def test_wait_doubles_after_the_free_attempts_up_to_the_longest(attempts: int, since_s: float, wait_s: float) -> None:
    assert SCHEDULE.wait_s(attempts, since_s) == wait_s


@given(st.integers(0, 10**6), st.floats(0, 10**6))
def test_wait_is_never_negative_and_never_longer_than_the_longest(attempts: int, since_s: float) -> None:
    assert 0 <= SCHEDULE.wait_s(attempts, since_s) <= SCHEDULE.longest_s


@given(st.integers(0, 10**6), st.floats(0, 1000))
def test_wait_grows_with_attempts_and_shrinks_with_time(attempts: int, since_s: float) -> None:
    assert SCHEDULE.wait_s(attempts, since_s) <= SCHEDULE.wait_s(attempts + 1, since_s)
    assert SCHEDULE.wait_s(attempts, since_s + 1) <= SCHEDULE.wait_s(attempts, since_s)


def test_count_starts_again_when_the_last_attempt_is_forgotten() -> None:
    assert SCHEDULE.count(7, 10) == 8
    assert SCHEDULE.count(7, 86_400) == 1


@pytest.mark.parametrize(("failures", "accounts"), [(19, 6), (20, 4), (0, 0), (1000, 1)])
def test_block_needs_many_failures_at_many_accounts(failures: int, accounts: int) -> None:
    assert block_of(LIMITS, failures, accounts, None, NOW) is None


def test_block_takes_a_quarter_of_an_hour_and_then_twice_as_long_each_time_up_to_a_day() -> None:
    block, lengths, now = None, [], NOW
    for _ in range(9):
        block = block_of(LIMITS, 20, 5, block, now)
        assert block is not None
        assert block.blocked_until is not None
        lengths.append((block.blocked_until - now) / timedelta(minutes=1))
        now = block.blocked_until + timedelta(minutes=10)
    assert lengths == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_block_starts_again_after_a_good_day() -> None:
    last = Counter(5, NOW, NOW + timedelta(hours=4))
    block = block_of(LIMITS, 20, 5, last, NOW + timedelta(hours=28))
    assert block == Counter(1, NOW + timedelta(hours=28), NOW + timedelta(hours=28, minutes=15))
