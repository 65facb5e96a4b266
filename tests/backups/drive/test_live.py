"""Does all of this hold at Google's? Only where somebody gives it a permission: everything else is tried against a Drive of our own making.

    TALLYSTICK_LIVE_DRIVE=grant.json python -m pytest tests/backups/drive/test_live.py

The file has `client_id`, `client_secret` and `refresh_token` of a test account. What is stored is deleted at the end; the folder stays.
"""

import json
import os
import secrets
from pathlib import Path

import pytest

from backups.drive.cases import NAME, read_all
from backups.drive.running import spool
from tallystick.backups.targets.assembly import compose_own_drive
from tallystick.backups.targets.drive.consent import OAuthClient
from tallystick.backups.targets.drive.grant import Grant
from tallystick.backups.targets.remembering import Remembering

LIVE = os.environ.get("TALLYSTICK_LIVE_DRIVE", "")


@pytest.mark.skipif(not LIVE, reason="needs a permission of Google's: TALLYSTICK_LIVE_DRIVE names its file")
@pytest.mark.parametrize("size_bytes", [0, 9 * 2**20])
async def test_an_archive_goes_there_and_back(tmp_path: Path, size_bytes: int) -> None:
    told = json.loads(Path(LIVE).read_text())
    client = OAuthClient(told["client_id"], told["client_secret"], "http://127.0.0.1")
    target = compose_own_drive(client, Grant(told["client_id"], told["refresh_token"]), Remembering())
    await target.check()
    content, labels = secrets.token_bytes(size_bytes), {"run_id": secrets.token_hex(8), "kind": "live test"}
    stored = await target.store(NAME, labels, spool(tmp_path, content))
    try:
        assert await target.store(NAME, labels, spool(tmp_path, content)) == stored
        assert [found.id async for found in target.list(labels)] == [stored.id]
        assert await read_all(target, stored.id) == content
    finally:
        await target.delete(stored.id)
    assert await target.find(labels) is None
