"""How passwords are kept and compared."""

import asyncio
from collections.abc import Iterator

import pytest

from tallystick.errors import InvalidInput, LimitReached
from tallystick.identity import passwords
from tallystick.identity.passwords import Passwords


@pytest.fixture
def cheap() -> Iterator[Passwords]:
    made = Passwords(cost=4, threads=2)
    yield made
    made.close()


@pytest.mark.parametrize("password", ["x" * 72, "ü" * 36, "🔑" * 18, "a" + "ü" * 35])
async def test_matches_only_the_whole_of_72_bytes(cheap: Passwords, password: str) -> None:
    stored = await cheap.hash("password", password)
    assert await cheap.matches(password, stored)
    assert not await cheap.matches(password[:-1], stored)
    assert not await cheap.matches(password + "x", stored)


@pytest.mark.parametrize("password", ["x" * 73, "ü" * 36 + "x", "🔑" * 18 + "x", "a\0b", "\0"])
async def test_hash_refuses_what_bcrypt_would_cut_short(cheap: Passwords, password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await cheap.hash("new_password", password)
    assert refused.value.violations[0].field == "new_password"


async def test_matches_does_not_take_a_password_up_to_its_zero_byte(cheap: Passwords) -> None:
    stored = await cheap.hash("password", "correct")
    assert not await cheap.matches("correct\0anything", stored)


async def test_matches_compares_without_a_user_as_with_one(cheap: Passwords) -> None:
    for password in ("anything", "-", "x" * 500, "nul\0"):
        before = cheap.comparisons
        assert not await cheap.matches(password, None)
        assert cheap.comparisons == before + 1


async def test_the_hash_of_nobody_has_the_cost_of_everybody(cheap: Passwords) -> None:
    assert not cheap.is_outdated(cheap._nobody)
    assert len(cheap._nobody) == len(await cheap.hash("password", "anything"))


async def test_is_outdated_tells_a_hash_of_another_cost(cheap: Passwords) -> None:
    other = Passwords(cost=5)
    stored = await cheap.hash("password", "correct")
    assert other.is_outdated(stored)
    assert not cheap.is_outdated(stored)
    assert await other.matches("correct", stored)
    other.close()


async def test_matches_sends_away_whoever_would_wait_too_long(
    cheap: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAITING_MAX", 3)
    outcomes = await asyncio.gather(*(cheap.matches("x", None) for _ in range(10)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, LimitReached)]
    assert len(refused) == 7
    assert all(outcome.retry_after_s for outcome in refused)
    assert not await cheap.matches("x", None)
