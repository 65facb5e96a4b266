"""Does `tallystick verify` say what a user's backup holds, without a server?"""

import json
from pathlib import Path

import pytest

from backups.golden.make_own import FOLDER
from tallystick.cli import main


@pytest.mark.parametrize(("name", "histories"), [("own-states", 0), ("own-histories", 3)])
def test_what_is_in_a_users_backup(
    name: str, histories: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = json.loads((FOLDER / f"{name}.json").read_text())
    (tmp_path / "passphrase").write_text(expected["passphrase"] + "\n")
    archive = FOLDER / f"{name}.tally"
    assert main.main(["verify", str(archive), "--passphrase-file", str(tmp_path / "passphrase")]) == 0
    said = capsys.readouterr().out.splitlines()
    counts = dict(line.strip().split(": ") for line in said[2:])
    wanted = {"books": "1", "files": "3", "groups": "1", "home": "1"}
    assert counts == (wanted | {"history": str(histories)} if histories else wanted)
