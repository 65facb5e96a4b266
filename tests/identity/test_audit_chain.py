"""Whether a change of the audit shows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from people import Client, Person, new_id, refusal_of, sign_in, sign_up
from tallystick.identity import audit_chain
from tallystick.identity.audit_chain import Head, verify_all, verify_chain
from tallystick.identity.parts import Parts
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1 import auth_service_pb2 as pb

Tamper: TypeAlias = Callable[[str], Awaitable[None]]


@pytest.fixture
async def ann(client: Client) -> Person:
    person = await sign_up(client, "Ann")
    for _ in range(3):
        await sign_in(client, person.email)
    return person


@pytest.fixture
def tamper(postgres: EmbeddedPostgres, ann: Person) -> Tamper:
    url = make_conninfo(postgres.superuser_dsn, dbname=conninfo_to_dict(postgres.app_dsn)["dbname"])

    async def run(sql: str) -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(sql, (ann.user.id,))

    return run


async def test_verify_chain_finds_nothing_wrong_with_what_was_not_touched(
    parts: Parts, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "LINKS_MAX", 2)
    walk = await verify_chain(parts.apart, UUID(ann.user.id))
    assert walk.broken is None
    assert walk.head.seq == 5


@pytest.mark.parametrize(
    ("sql", "seq"),
    [
        ("UPDATE audit SET action = 'nothing' WHERE scope_id = %s AND seq = 3", 3),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE scope_id = %s AND seq = 2", 2),
        ("UPDATE audit SET actor_id = NULL WHERE scope_id = %s AND seq = 1", 1),
        ("UPDATE audit SET address_hash = '\\x00' WHERE scope_id = %s AND seq = 4", 4),
        ("DELETE FROM audit WHERE scope_id = %s AND seq = 3", 3),
        ("DELETE FROM audit WHERE scope_id = %s AND seq = 1", 1),
        ("UPDATE audit SET previous_hash = '\\x00' WHERE scope_id = %s AND seq = 2", 2),
        ("UPDATE audit SET hash = '\\x00' WHERE scope_id = %s AND seq = 2", 2),
    ],
)
async def test_verify_chain_names_the_first_link_that_does_not_hold(
    parts: Parts, ann: Person, tamper: Tamper, sql: str, seq: int
) -> None:
    await tamper(sql)
    walk = await verify_chain(parts.apart, UUID(ann.user.id))
    assert walk.broken is not None
    assert walk.broken.seq == seq


async def test_verify_all_names_a_chain_that_does_not_hold(parts: Parts, ann: Person, tamper: Tamper) -> None:
    """Once, because it looks at what every test before it has left."""
    await tamper("UPDATE audit SET action = 'nothing' WHERE scope_id = %s AND seq = 3")
    assert UUID(ann.user.id) in {found.head.scope_id async for found in verify_all(parts.apart) if found.broken}


async def test_verify_chain_notices_a_lost_end_only_with_a_head_that_was_kept(
    parts: Parts, ann: Person, tamper: Tamper
) -> None:
    kept = Head.from_line((await verify_chain(parts.apart, UUID(ann.user.id))).head.to_line())
    await tamper("DELETE FROM audit WHERE scope_id = %s AND seq > 3")
    assert (await verify_chain(parts.apart, UUID(ann.user.id))).broken is None
    broken = (await verify_chain(parts.apart, UUID(ann.user.id), kept)).broken
    assert broken is not None
    assert broken.seq == 4


async def test_verify_chain_passes_through_a_head_that_was_kept_earlier(
    parts: Parts, ann: Person, client: Client
) -> None:
    kept = (await verify_chain(parts.apart, UUID(ann.user.id))).head
    await sign_in(client, ann.email)
    assert (await verify_chain(parts.apart, UUID(ann.user.id), kept)).broken is None


async def test_verify_all_misses_a_chain_that_is_gone_with_a_head_that_was_kept(
    parts: Parts, ann: Person, tamper: Tamper
) -> None:
    kept = (await verify_chain(parts.apart, UUID(ann.user.id))).head
    await tamper("DELETE FROM audit WHERE scope_id = %s")
    broken = [walk.broken async for walk in verify_all(parts.apart, {kept.scope_id: kept}) if walk.broken]
    assert UUID(ann.user.id) in {found.scope_id for found in broken}


async def test_a_chain_does_not_fork_when_much_happens_at_once(parts: Parts, ann: Person, client: Client) -> None:
    """Eight stolen tokens at once: no lock but the login's keeps their notes one after the other."""
    stolen = [(await sign_in(client, ann.email)).tokens.refresh_token for _ in range(8)]
    for token in stolen:
        await client.auth.RefreshSession(pb.RefreshSessionRequest(request_id=new_id(), refresh_token=token))
    before = (await verify_chain(parts.apart, UUID(ann.user.id))).head.seq
    again = (pb.RefreshSessionRequest(request_id=new_id(), refresh_token=token) for token in stolen)
    refusals = await asyncio.gather(*(refusal_of(client.auth.RefreshSession(request)) for request in again))
    assert {refusal.reason for refusal in refusals} == {"REFRESH_TOKEN_REUSED"}
    walk = await verify_chain(parts.apart, UUID(ann.user.id))
    assert walk.broken is None
    assert walk.head.seq == before + 8
