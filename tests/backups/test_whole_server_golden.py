"""Does this server bring back what every earlier one backed up, whatever became of the schema since?"""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from backups.golden.make_server import FOLDER, figures
from backups.household import install, rows_of
from fresh_database import fresh_database
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres

GOLDEN = sorted(FOLDER.glob("server-*.tally"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_an_old_server_comes_back(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())
    assert sha256(path.read_bytes()).hexdigest() == expected["archive_sha256"], "a golden archive is never made again"
    async with fresh_database(postgres, is_migrated=False) as database:
        here = install(database, tmp_path, config)
        assert await here.command(monkeypatch, "restore", path) == 0
        rows = rows_of(database)
        assert {table: len(rows[table]) for table in expected["row_counts"]} == expected["row_counts"]
        async with here.served() as (_, client):
            found = await figures(client, expected)
            assert found == expected["figures"]
            assert {*expected.get("contents", ())} <= {*found.get("contents", {}).values()}, "byte for byte"
