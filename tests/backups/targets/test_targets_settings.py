"""Are settings of targets refused at the start, when they cannot work?"""

import json
from pathlib import Path

import pytest

from tallystick.backups.targets.assembly import compose_client, compose_own_drive, compose_shared_drive
from tallystick.backups.targets.drive.grant import Grant
from tallystick.backups.targets.remembering import Remembering
from tallystick.config import BadSettings, Config
from tallystick.config_drives import describe

KEY = {"type": "service_account", "client_email": "w@p.example", "private_key": "-", "token_uri": "https://t.example"}
CLIENT = {"TALLYSTICK_GOOGLE_CLIENT_ID": "app", "TALLYSTICK_GOOGLE_CLIENT_SECRET": "s"}
SHARED = {"TALLYSTICK_DRIVE_SERVICE_ACCOUNT": json.dumps(KEY), "TALLYSTICK_SHARED_DRIVE_ID": "0A"}


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        pytest.param({"TALLYSTICK_GOOGLE_CLIENT_ID": "app"}, "TALLYSTICK_GOOGLE_CLIENT_ID", id="no secret"),
        pytest.param({"TALLYSTICK_GOOGLE_CLIENT_SECRET": "s"}, "TALLYSTICK_GOOGLE_CLIENT_ID", id="no client"),
        pytest.param(
            {"TALLYSTICK_DRIVE_SERVICE_ACCOUNT": json.dumps(KEY)},
            "TALLYSTICK_DRIVE_SERVICE_ACCOUNT",
            id="no shared drive",
        ),
        pytest.param(SHARED, "TALLYSTICK_BACKUP_PASSPHRASE", id="no passphrase"),
        pytest.param({"TALLYSTICK_SHARED_DRIVE_ID": "0A"}, "TALLYSTICK_SHARED_DRIVE_ID", id="no service account"),
        pytest.param(
            {**SHARED, "TALLYSTICK_DRIVE_SERVICE_ACCOUNT": "{"}, "TALLYSTICK_DRIVE_SERVICE_ACCOUNT", id="no JSON"
        ),
        pytest.param(
            {**SHARED, "TALLYSTICK_DRIVE_SERVICE_ACCOUNT": '{"installed": {}}'},
            "TALLYSTICK_DRIVE_SERVICE_ACCOUNT",
            id="another kind of key",
        ),
        pytest.param(
            {**SHARED, "TALLYSTICK_DRIVE_SERVICE_ACCOUNT": json.dumps({**KEY, "private_key": None})},
            "TALLYSTICK_DRIVE_SERVICE_ACCOUNT",
            id="half a key",
        ),
        pytest.param(
            {**CLIENT, "TALLYSTICK_GOOGLE_REDIRECT_URL": "http://money.example/"},
            "TALLYSTICK_GOOGLE_REDIRECT_URL",
            id="back without encryption",
        ),
        pytest.param(
            {**CLIENT, "TALLYSTICK_PUBLIC_URL": "http://money.example"},
            "TALLYSTICK_GOOGLE_REDIRECT_URL",
            id="back to a public url without encryption",
        ),
        pytest.param(
            {"TALLYSTICK_DRIVE_ROOT_URL": "http://drive.example/"}, "TALLYSTICK_DRIVE_ROOT_URL", id="without encryption"
        ),
        pytest.param({"TALLYSTICK_DRIVE_ROOT_URL": "drive"}, "TALLYSTICK_DRIVE_ROOT_URL", id="no url"),
    ],
)
def test_what_cannot_work_is_refused_by_name(environment: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Config.read(environment)
    assert named in [line.split(":")[0] for line in str(refused.value).splitlines()]


def test_without_settings_there_are_no_drives() -> None:
    config = Config.read({})
    assert compose_client(config) is None
    assert compose_shared_drive(config, Remembering()) is None
    assert len(describe(config)) == 1


def test_users_drives_come_with_an_oauth_client() -> None:
    config = Config.read({**CLIENT, "TALLYSTICK_DRIVE_ROOT_URL": "http://127.0.0.1:9"})
    client = compose_client(config)
    assert client is not None
    assert (client.redirect_url, client.token_url) == (config.public_url, "http://127.0.0.1:9/token")
    target = compose_own_drive(client, Grant("app", "token"), Remembering())
    assert (target.line.root_url, target.shared_drive_id) == ("http://127.0.0.1:9/", None)
    assert "app" in describe(config)[0]
    assert "s" not in describe(config)[0].split()


def test_secrets_may_be_files(tmp_path: Path) -> None:
    secret, key = tmp_path / "secret", tmp_path / "key.json"
    secret.write_text("from a file\n")
    key.write_text(json.dumps(KEY))
    config = Config.read(
        {
            "TALLYSTICK_GOOGLE_CLIENT_ID": "app",
            "TALLYSTICK_GOOGLE_CLIENT_SECRET_FILE": str(secret),
            "TALLYSTICK_DRIVE_SERVICE_ACCOUNT_FILE": str(key),
            "TALLYSTICK_SHARED_DRIVE_ID": "0A",
            "TALLYSTICK_BACKUP_PASSPHRASE": "correct horse battery staple",
        }
    )
    assert config.google_client_secret == "from a file"
    assert config.drive_service_account == KEY
    assert describe(config)[1] == "shared drive: 0A, as w@p.example"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "0 3 * * *"),
        ("03:00", "0 3 * * *"),
        ("23:45", "45 23 * * *"),
        ("0 3 * * *", "0 3 * * *"),
        ("30 */4 * * mon-fri", "30 */4 * * mon-fri"),
    ],
)
def test_a_time_of_day_and_a_crontab_line_say_when(text: str, line: str) -> None:
    given = {"TALLYSTICK_BACKUP_AT": text} if text else {}
    assert Config.read(given).backup_at.text == line


@pytest.mark.parametrize("text", ["25:00", "03:00:30", "03:00+01:00", "* * * * *", "0 3 31 2 *", "daily", "0 3 * *"])
def test_another_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadSettings, match="TALLYSTICK_BACKUP_AT"):
        Config.read({"TALLYSTICK_BACKUP_AT": text})
