"""What does kill -9 leave of a restore that replaces people's data? What was there, and the next one comes to its end."""

from pathlib import Path
from uuid import UUID

import pytest

from backups import household
from backups.household import again, rows_of
from killed.conftest import Settled
from killed.processes import Slow, started
from people import sign_up


async def test_a_restore_in_place_of_what_is_there(
    settled: Settled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settled.here
    archive = tmp_path / "early.tally"
    assert await here.command(monkeypatch, "backup", "--to", archive) == 0
    early = rows_of(here.database)
    async with here.served() as (_, client):
        late = await sign_up(client, "Late")
    before = settled.kept()
    content = archive.read_bytes()
    slow = Slow(tmp_path / "slow.tally")
    secret = ("--passphrase-file", str(here.passphrase_file))
    try:
        slow.feed(content, whole=True)
        with started(here, "restore", str(tmp_path / "slow.tally"), "--replace", *secret) as running:
            # It was read to its end. Read again, it stops in the middle of being loaded: after the rows, among contents.
            await running.until_said(": whole, of ")
            slow.feed(content[: len(content) * 2 // 3], whole=False)
            await running.until_said("\nuser_space: ")
            running.kill()
    finally:
        slow.close()
    assert settled.kept() == before, "nothing has changed"
    assert settled.in_plain() == []
    async with here.served() as (_, client):
        await again(client, late)
    assert await here.command(monkeypatch, "restore", archive, "--replace") == 0
    restored = rows_of(here.database)
    other = {name: rows for name, rows in restored.items() if rows != early[name]}
    assert other == {"replaced_space": [(UUID(late.user.home_id),)]}, "whose contents are to be swept away"
    async with here.served() as (_, client):
        seen = await household.seen_by(await again(client, settled.home.ann))
    assert household.contents_in(seen) >= {*settled.home.contents}
