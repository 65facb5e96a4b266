"""Is a schedule set as it was asked for, and refused with a reason where it cannot be?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backups.drive.running import ANN, RunningDrive
from people import MISSING_ID, Person, new_id, refusal_of
from proof import Connection
from rpc.backups.vault import Vault, connect
from tallystick.app import App
from tallystick.backups.targets.drive.consent import OAuthClient
from tallystick_client.v1 import backup_service_pb2 as api
from tallystick_client.v1.auth_service_pb2 import UpdateMeRequest


def request_of(vault: Vault, **fields: Any) -> api.SetBackupScheduleRequest:
    usual = {"request_id": new_id(), "target_id": vault.target_id, "passphrase": "correct horse battery staple"}
    return api.SetBackupScheduleRequest(**usual | fields)


async def reason_of(vault: Vault, **fields: Any) -> str:
    return (await refusal_of(vault.person.backups.SetBackupSchedule(request_of(vault, **fields)))).reason


def rows(database: Connection, vault: Vault) -> list[int]:
    return [
        database.execute(f"SELECT count(*) FROM {table} WHERE target_id = %s", (vault.target_id,)).fetchall()[0][0]
        for table in ("backup_schedule", "backup_due")
    ]


async def test_by_itself_it_is_daily_in_the_night_where_the_user_is(vault: Vault, server: App) -> None:
    await vault.person.auth.UpdateMe(UpdateMeRequest(request_id=new_id(), time_zone="Asia/Tokyo"))
    made = await vault.schedule(time_zone="")
    minute, hour, *rest = made.cron.split()
    assert (int(hour) < 5, int(minute) < 60, rest) == (True, True, ["*", "*", "*"])
    assert made.time_zone == "Asia/Tokyo"
    assert (made.retention.daily, made.retention.weekly, made.retention.monthly) == (7, 4, 12)
    next_at = made.next_at.ToDatetime(UTC)
    assert timedelta() < next_at - datetime.now(UTC) <= timedelta(days=1)
    assert (next_at + timedelta(hours=9)).strftime("%H:%M") == f"{int(hour):02}:{int(minute):02}"
    assert not made.HasField("last_verified_at")
    assert await vault.find_schedule() == made


async def test_it_is_as_it_was_asked_for(vault: Vault) -> None:
    made = await vault.schedule(cron=" 30 6  * * Mon-Fri", time_zone="Europe/Berlin", retention={"daily": 3})
    assert (made.cron, made.time_zone, made.retention.daily, made.retention.weekly) == (
        "30 6 * * mon-fri",
        "Europe/Berlin",
        3,
        0,
    )
    assert await vault.find_schedule() == made


async def test_a_repeat_changes_nothing_and_another_request_is_another(vault: Vault) -> None:
    request = request_of(vault, cron="0 4 * * *", time_zone="UTC")
    first = await vault.person.backups.SetBackupSchedule(request)
    assert await vault.person.backups.SetBackupSchedule(request) == first
    assert await reason_of(vault, request_id=request.request_id, cron="0 5 * * *") == "REQUEST_ID_REUSED"


async def test_the_passphrase_stays_unless_another_one_is_given(vault: Vault) -> None:
    first = await vault.schedule()
    later = await vault.schedule(cron="0 4 * * *", passphrase="")
    assert later.passphrase_set_at == first.passphrase_set_at
    again = await vault.schedule(passphrase="another long passphrase")
    assert again.passphrase_set_at.ToDatetime() > first.passphrase_set_at.ToDatetime()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"cron": "*/30 * * * *"}, "SCHEDULE_UNFIT"),
        ({"cron": "0 3 31 2 *"}, "SCHEDULE_UNFIT"),
        ({"cron": "every day"}, "SCHEDULE_UNFIT"),
        ({"cron": "0" * 101}, "INVALID_FIELD"),
        ({"time_zone": "Mars/Olympus"}, "INVALID_FIELD"),
        ({"time_zone": "../../etc/passwd"}, "INVALID_FIELD"),
        ({"retention": {"daily": -1}}, "INVALID_FIELD"),
        ({"passphrase": ""}, "PASSPHRASE_UNFIT"),
        ({"passphrase": "too short!"}, "PASSPHRASE_UNFIT"),
        ({"target_id": MISSING_ID}, "NOT_FOUND"),
        ({"target_id": "a drive"}, "INVALID_FIELD"),
    ],
    ids=str,
)
async def test_what_is_refused_is_not_set(
    vault: Vault, database: Connection, fields: dict[str, Any], reason: str
) -> None:
    assert await reason_of(vault, **fields) == reason
    assert rows(database, vault) == [0, 0]
    assert await vault.find_schedule() is None


async def test_a_target_of_somebody_else_is_not_found(vault: Vault, bob: Person, drive: RunningDrive) -> None:
    theirs = await connect(bob, drive)
    await theirs.schedule()
    backups = vault.person.backups
    assert await reason_of(vault, target_id=theirs.target_id) == "NOT_FOUND"
    get = api.GetBackupScheduleRequest(target_id=theirs.target_id)
    assert (await refusal_of(backups.GetBackupSchedule(get))).reason == "NOT_FOUND"
    remove = api.RemoveBackupScheduleRequest(request_id=new_id(), target_id=theirs.target_id)
    assert (await refusal_of(backups.RemoveBackupSchedule(remove))).reason == "NOT_FOUND"
    assert await theirs.find_schedule() is not None


async def test_a_target_that_must_be_connected_again_has_none_set(vault: Vault, drive: RunningDrive) -> None:
    drive.world.accounts.revoke(ANN)
    await refusal_of(vault.back_up())
    assert await reason_of(vault) == "TARGET_REAUTH_REQUIRED"


async def test_without_an_oauth_client_there_is_none(vault: Vault, server: App) -> None:
    drives = server.own_backups.drives
    client: OAuthClient | None = drives.client
    drives.client = None
    try:
        assert await reason_of(vault) == "DRIVES_NOT_OFFERED"
    finally:
        drives.client = client
