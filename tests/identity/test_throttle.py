"""Whether attempts are counted where they must be."""

import asyncio
from secrets import token_bytes, token_hex
from typing import Any

import pytest

from tallystick.errors import LimitReached
from tallystick.identity.parts import Parts
from tallystick.identity.throttle import Throttle
from tallystick.identity.throttle_rules import Attempt
from turned_clock import TurnedClock


def new_attempt(**other: Any) -> Attempt:
    fields = {"address": f"2001:db8:{token_hex(2)}:{token_hex(2)}::1", "account": token_bytes(32)}
    return Attempt(**fields | other)


@pytest.fixture
def throttle(parts: Parts) -> Throttle:
    return Throttle(parts.store, parts.keyed)


async def tries_until_refused(throttle: Throttle, attempt: Attempt, at_most: int = 100) -> int:
    for tried in range(at_most):
        try:
            await throttle.admit(attempt)
        except LimitReached as refused:
            assert refused.reason_name == "TOO_MANY_ATTEMPTS"
            return tried
    return at_most


async def test_admit_counts_for_all_processes_and_after_a_restart(throttle: Throttle, parts: Parts) -> None:
    attempt = new_attempt()
    assert await tries_until_refused(throttle, attempt) == 5
    assert await tries_until_refused(Throttle(parts.store, parts.keyed), attempt) == 0


async def test_admit_at_once_lets_no_more_through_than_one_after_the_other(throttle: Throttle) -> None:
    attempt = new_attempt()
    outcomes = await asyncio.gather(*(throttle.admit(attempt) for _ in range(40)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 5


async def test_admit_counts_one_account_from_many_addresses(throttle: Throttle) -> None:
    account = token_bytes(32)
    admitted = 0
    for _ in range(15):
        admitted += await tries_until_refused(throttle, new_attempt(account=account), at_most=1)
    assert admitted == 10


async def test_admit_takes_a_whole_ipv6_subscriber_for_one_address(throttle: Throttle) -> None:
    attempt = new_attempt()
    neighbour = Attempt(attempt.address.replace("::1", "::2"), attempt.account)
    assert await tries_until_refused(throttle, attempt) == 5
    assert await tries_until_refused(throttle, neighbour) == 0


async def test_admit_refuses_no_other_account_at_the_same_address(throttle: Throttle) -> None:
    attempt = new_attempt()
    await tries_until_refused(throttle, attempt)
    assert await tries_until_refused(throttle, new_attempt(address=attempt.address)) == 5


async def test_admit_lets_a_known_device_in_whatever_strangers_do(throttle: Throttle) -> None:
    account = token_bytes(32)
    for _ in range(5):
        await tries_until_refused(throttle, new_attempt(account=account))
    assert await tries_until_refused(throttle, new_attempt(account=account, device=token_bytes(32))) == 5


async def test_succeed_forgets_the_pair_and_takes_back_the_accounts_attempt(throttle: Throttle) -> None:
    attempt = new_attempt()
    for _ in range(30):
        await throttle.admit(attempt)
        await throttle.succeed(attempt)
    assert await tries_until_refused(throttle, attempt) == 5


async def test_admit_forgets_after_a_day(throttle: Throttle, clock: TurnedClock) -> None:
    attempt = new_attempt()
    await tries_until_refused(throttle, attempt)
    with clock.later(days=1, seconds=1):
        assert await tries_until_refused(throttle, attempt) == 5


async def fail_at_many_accounts(throttle: Throttle, address: str, accounts: int, failures: int) -> None:
    names = [token_bytes(32) for _ in range(accounts)]
    for n in range(failures):
        attempt = Attempt(address, names[n % accounts])
        await throttle.admit(attempt)
        await throttle.fail(attempt)


async def test_fail_blocks_an_address_that_fails_at_many_accounts_and_twice_as_long_the_next_time(
    throttle: Throttle, clock: TurnedClock
) -> None:
    address = new_attempt().address
    await fail_at_many_accounts(throttle, address, 10, 20)
    with pytest.raises(LimitReached) as first:
        await throttle.admit(new_attempt(address=address))
    assert 899 < (first.value.retry_after_s or 0) <= 900
    with pytest.raises(LimitReached):
        await throttle.admit_address(address)
    with pytest.raises(LimitReached):
        await throttle.admit_mail(address, token_bytes(32))
    with clock.later(minutes=16):
        await fail_at_many_accounts(throttle, address, 10, 20)
        with pytest.raises(LimitReached) as second:
            await throttle.admit(new_attempt(address=address))
    assert 1799 < (second.value.retry_after_s or 0) <= 1800


async def test_fail_does_not_block_an_address_that_fails_at_few_accounts(throttle: Throttle) -> None:
    address = new_attempt().address
    for attempt in (new_attempt(address=address) for _ in range(4)):
        for _ in range(10):
            await throttle.fail(attempt)
    await throttle.admit_address(address)


async def test_fail_at_once_loses_no_failure(throttle: Throttle, parts: Parts) -> None:
    address = new_attempt().address
    attempts = [new_attempt(address=address) for _ in range(20)]
    for attempt in attempts:
        await throttle.admit(attempt)
    await asyncio.gather(*(throttle.fail(attempt) for attempt in attempts))
    with pytest.raises(LimitReached):
        await throttle.admit_address(address)


async def test_fail_never_blocks_this_machine(throttle: Throttle) -> None:
    await fail_at_many_accounts(throttle, "127.0.0.1", 10, 30)
    await throttle.admit_address("127.0.0.1")


async def test_admit_mail_limits_mails_to_one_account_and_from_one_address(throttle: Throttle) -> None:
    account = token_bytes(32)
    for _ in range(3):
        await throttle.admit_mail(new_attempt().address, account)
    with pytest.raises(LimitReached):
        await throttle.admit_mail(new_attempt().address, account)
    address = new_attempt().address
    for _ in range(30):
        await throttle.admit_mail(address, token_bytes(32))
    with pytest.raises(LimitReached):
        await throttle.admit_mail(address, token_bytes(32))
