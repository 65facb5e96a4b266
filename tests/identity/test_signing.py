"""Which keys sign access tokens, and when the next one does."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

import pytest

from tallystick.errors import NotSignedIn
from tallystick.identity.signing import SigningKeys
from tallystick.identity.tokens import AccessTokens
from tallystick.store.keyring import KeyringError
from tallystick.store.store import Store
from turned_clock import TurnedClock

NewStore: TypeAlias = Callable[[], Store]
NewKeys: TypeAlias = Callable[[], SigningKeys]

LIFE = timedelta(minutes=15)


@pytest.fixture
def new_keys(new_store: NewStore) -> NewKeys:
    return lambda: SigningKeys(new_store(), token_life=LIFE)


async def kids_of(keys: SigningKeys) -> list[str]:
    return [key.kid for key in await keys.list_public()]


async def test_processes_that_start_at_once_share_one_pair_of_keys(new_keys: NewKeys) -> None:
    processes = [new_keys() for _ in range(8)]
    found = await asyncio.gather(*(kids_of(keys) for keys in processes))
    assert len(found[0]) == 2
    assert all(kids == found[0] for kids in found)
    signers = [await keys.signer() for keys in processes]
    assert {signer.kid for signer in signers} == {found[0][0]}


async def test_the_next_key_signs_after_ninety_days_and_another_one_is_published(
    new_keys: NewKeys, clock: TurnedClock
) -> None:
    keys = new_keys()
    first, second = await kids_of(keys)
    with clock.later(days=89):
        assert (await keys.signer()).kid == first
    with clock.later(days=90, minutes=1):
        assert (await keys.signer()).kid == second
        kids = await kids_of(keys)
        assert kids[:2] == [first, second]
        assert len(kids) == 3
    with clock.later(days=90, minutes=20):
        assert first not in await kids_of(keys)
        assert len(await kids_of(keys)) == 2


async def test_rotate_lets_no_token_fail_in_any_process(
    new_keys: NewKeys, new_store: NewStore, clock: TurnedClock
) -> None:
    processes = [new_keys() for _ in range(3)]
    issuers = [AccessTokens(keys, clock, "us", LIFE) for keys in processes]
    ids = (uuid4(), uuid4(), uuid4())

    async def issue_and_verify_everywhere() -> None:
        for issuer, keys in zip(issuers, processes, strict=True):
            token, _ = issuer.issue(await keys.signer(), *ids, clock.now())
            kept.append((clock.now(), token))
        for issued_at, token in kept:
            if clock.now() - issued_at < LIFE - timedelta(seconds=1):
                for issuer in issuers:
                    assert (await issuer.verify(token)).user_id == ids[0]

    kept: list[tuple[datetime, str]] = []
    await issue_and_verify_everywhere()
    before = (await processes[0].signer()).kid
    starts_at = await processes[0].rotate()
    # A key that is young is not used before everybody can have fetched it.
    assert timedelta(minutes=59) < starts_at - clock.now() <= timedelta(hours=1)
    for minutes in range(1, 120, 3):
        with clock.later(minutes=minutes):
            await issue_and_verify_everywhere()
    with clock.later(minutes=120):
        assert (await processes[2].signer()).kid != before
        assert before not in await kids_of(processes[1])


async def test_rotate_uses_a_key_at_once_that_has_been_public_for_long(new_keys: NewKeys, clock: TurnedClock) -> None:
    keys = new_keys()
    _, second = await kids_of(keys)
    with clock.later(days=10):
        assert abs(await keys.rotate() - clock.now()) < timedelta(seconds=5)
        assert (await keys.signer()).kid == second
        assert len(await kids_of(keys)) == 3


async def test_rotate_by_two_processes_at_once_moves_one_key(new_keys: NewKeys, clock: TurnedClock) -> None:
    first, second = new_keys(), new_keys()
    await first.signer()
    await asyncio.gather(first.rotate(), second.rotate())
    assert len(await kids_of(new_keys())) == 3


async def test_a_private_key_is_wrapped_and_bound_to_its_id(new_keys: NewKeys, new_store: NewStore) -> None:
    keys = new_keys()
    signer = await keys.signer()
    store = new_store()
    async with store.connection() as connection:
        cursor = await connection.execute("SELECT kid, master_id, private_wrapped FROM signing_key ORDER BY signs_from")
        rows = await cursor.fetchall()
    assert signer.private.private_bytes_raw() not in b"".join(bytes(row[2]) for row in rows)
    with pytest.raises(KeyringError):
        keys._unwrap(rows[1][0], rows[0][1], bytes(rows[0][2]))


async def test_rewrap_survives_the_end_of_the_old_master_key(new_store: NewStore) -> None:
    store = new_store()
    keys = SigningKeys(store, token_life=LIFE)
    before = await keys.signer()
    rotated = store.keys.keyring.with_new_master()
    keys._keyring = rotated
    await keys.rewrap()
    store.keys.keyring = rotated.without_old_masters()
    after = await SigningKeys(store, token_life=LIFE).signer()
    assert after.private.private_bytes_raw() == before.private.private_bytes_raw()


async def test_a_keyring_without_the_master_key_says_so(new_store: NewStore) -> None:
    store = new_store()
    await SigningKeys(store, token_life=LIFE).signer()
    store.keys.keyring = store.keys.keyring.with_new_master().without_old_masters()
    with pytest.raises(KeyringError):
        await SigningKeys(store, token_life=LIFE).signer()


async def test_a_token_of_a_dead_key_is_refused(new_keys: NewKeys, clock: TurnedClock) -> None:
    keys = new_keys()
    tokens = AccessTokens(keys, clock, "us", timedelta(days=200))
    token, _ = tokens.issue(await keys.signer(), uuid4(), uuid4(), uuid4(), clock.now())
    await tokens.verify(token)
    with clock.later(days=91), pytest.raises(NotSignedIn):
        await tokens.verify(token)
