"""Does a backup hold what its user sees, and is it done only when it was read back?"""

import asyncio

import grpc
import pytest

from backups.drive.faults import Effect, Kind
from backups.drive.running import ANN, RunningDrive
from backups.full_disk import files_at_most
from files.desk import bring
from people import MISSING_ID, Person, make_book, new_id, read_refusal
from rpc.backups.vault import SECRET, Vault, connect, last_of
from rpc.spaces.sharing import EDITOR, share
from tallystick.app import App
from tallystick.exports.json_lines import read_lines
from tallystick_client.v1 import backup_service_pb2 as api
from tallystick_client.v1.backup_pb2 import BackupProblem, BackupState, BackupTargetState
from tallystick_client.v1.ledger_pb2 import AccountType
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest
from tallystick_client.v1.notification_pb2 import ListNotificationsRequest, NotificationKind
from tallystick_client.v1.space_pb2 import SpaceKind

DONE, FAILED = BackupState.BACKUP_STATE_DONE, BackupState.BACKUP_STATE_FAILED
RUNNING, INTERRUPTED = BackupState.BACKUP_STATE_RUNNING, BackupState.BACKUP_STATE_INTERRUPTED


async def failing(vault: Vault, request: api.CreateBackupRequest | None = None) -> str:
    """The reason of a backup that must fail."""
    try:
        backup = await vault.back_up(request)
    except grpc.aio.AioRpcError as error:
        return read_refusal(error).reason
    raise AssertionError(f"it had to fail, and became {backup.state}")


async def test_it_holds_what_its_user_sees(vault: Vault, server: App) -> None:
    book = await make_book(vault.person)
    spent = await book.spend(250)
    file = await bring(vault.person, book.id, b"a receipt")
    backup = await vault.back_up()
    assert (backup.state, backup.books, backup.groups, backup.files) == (DONE, 1, 0, 1)
    parts = await vault.read(backup)
    histories = {f"history/{each}.jsonl" for each in (book.id, vault.person.user.home_id)}
    assert {*parts} == {"home.jsonl", f"books/{book.id}.jsonl", f"files/{book.id}/{file.id}", *histories}
    assert [(each.space_id, each.kind, each.name) for each in backup.spaces] == [
        (book.id, SpaceKind.SPACE_KIND_BOOK, "Home")
    ]
    assert parts[f"files/{book.id}/{file.id}"] == b"a receipt"
    lines = [*read_lines(parts[f"books/{book.id}.jsonl"].splitlines(keepends=True))]
    assert spent.transaction.id in [line.change.entity.transaction.id for line in lines]
    assert [*server.own_backups.spool_dir.iterdir()] == []


async def test_private_accounts_of_others_are_not_in_it(vault: Vault, bob: Person) -> None:
    book = await make_book(bob)
    await share(bob, book.id, vault.person, EDITOR)
    private = await bob.ledger.CreateAccount(
        CreateAccountRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Mine alone",
            type=AccountType.ACCOUNT_TYPE_CASH,
            currency="EUR",
            private=True,
        )
    )
    part = (await vault.read(await vault.back_up()))[f"books/{book.id}.jsonl"]
    assert book.account_id.encode() in part
    assert private.account.id.encode() not in part


async def test_what_lies_there_is_closed(vault: Vault) -> None:
    backup = await vault.back_up()
    content = vault.file_of(backup).content
    assert (backup.size_bytes, len(content)) == (len(content), backup.size_bytes)
    for plain in (vault.person.email, SECRET):
        assert plain.encode() not in content


async def test_a_repeat_makes_no_second_one(vault: Vault) -> None:
    request = vault.request()
    first = await vault.back_up(request)
    again = await vault.back_up(request)
    assert again == first == await vault.get(first.id)
    assert len(vault.drive.files()) == 1


async def test_it_is_not_done_if_it_cannot_be_read_back(vault: Vault) -> None:
    request = vault.request()
    vault.drive.plan(Kind.MEDIA, times=100)
    assert await failing(vault, request) == "TARGET_UNREACHABLE"
    vault.drive.mend()
    (backup,) = await vault.list_backups()
    assert (backup.state, backup.problem) == (FAILED, BackupProblem.BACKUP_PROBLEM_UNREACHABLE)
    assert vault.drive.files() == []
    # A repeat fails alike; the next one is made.
    assert await failing(vault, request) == "TARGET_UNREACHABLE"
    assert (await vault.back_up()).state == DONE


async def test_a_permission_that_was_taken_back_shows_and_is_told(vault: Vault) -> None:
    vault.drive.world.accounts.revoke(ANN)
    assert await failing(vault) == "TARGET_REAUTH_REQUIRED"
    (target,) = await vault.targets()
    assert target.state == BackupTargetState.BACKUP_TARGET_STATE_REAUTH_REQUIRED
    told = await vault.person.notifications.ListNotifications(ListNotificationsRequest())
    assert [each.kind for each in told.notifications] == [NotificationKind.NOTIFICATION_KIND_BACKUP]
    assert await failing(vault) == "TARGET_REAUTH_REQUIRED"
    again = await connect(vault.person, vault.drive, vault.target_id)
    assert again.target_id == vault.target_id
    assert (await vault.back_up()).state == DONE


async def test_who_goes_away_interrupts_it_and_the_same_request_goes_on(vault: Vault) -> None:
    request = vault.request()
    held = vault.drive.plan(Kind.BEGIN, Effect.HOLD)
    stream = vault.person.backing_up.CreateBackup(request)
    begun = (await stream.read()).backup
    stream.cancel()
    while (await vault.get(begun.id)).state != INTERRUPTED:
        await asyncio.sleep(0.02)
    held.let_go.set()
    vault.drive.mend()
    done = await vault.back_up(request)
    assert (done.id, done.state) == (begun.id, DONE)
    assert len(vault.drive.files()) == 1


@pytest.mark.parametrize("passphrase", ["too short!", "\u0041\u030a" * 7], ids=["short", "short as typed"])
async def test_a_passphrase_has_twelve_letters(vault: Vault, passphrase: str) -> None:
    assert await failing(vault, vault.request(passphrase)) in {"INVALID_FIELD", "PASSPHRASE_UNFIT"}
    assert await vault.list_backups() == []


async def test_a_full_drive_takes_nothing_and_says_so(ann: Person, drive: RunningDrive) -> None:
    vault = await connect(ann, drive)
    drive.world.accounts.people[ANN].limit_bytes = 100
    assert await failing(vault) == "TARGET_FULL"
    (backup,) = await vault.list_backups()
    assert (backup.state, backup.problem) == (FAILED, BackupProblem.BACKUP_PROBLEM_FULL)
    drive.world.accounts.people[ANN].limit_bytes = None
    assert drive.files() == []
    assert (await vault.back_up()).state == DONE


async def test_a_full_disk_of_the_server_makes_none_and_leaves_nothing(vault: Vault, server: App) -> None:
    request = vault.request()
    with files_at_most(4096):
        reason = await failing(vault, request)
    (backup,) = await vault.list_backups()
    assert (reason, backup.problem) == ("STORAGE_FULL", BackupProblem.BACKUP_PROBLEM_SERVER_FULL)
    assert [*server.own_backups.spool_dir.iterdir()] == []
    assert vault.drive.files() == []
    assert (await vault.back_up()).state == DONE


async def test_a_target_that_is_not_there_is_not_found(vault: Vault, bob: Person, drive: RunningDrive) -> None:
    assert await failing(vault, vault.request(target_id=MISSING_ID)) == "NOT_FOUND"
    theirs = await connect(bob, drive)
    assert await failing(vault, vault.request(target_id=theirs.target_id)) == "NOT_FOUND"


async def test_one_at_a_time(vault: Vault) -> None:
    held = vault.drive.plan(Kind.BEGIN, Effect.HOLD)
    request = vault.request()
    answers = aiter(vault.person.backing_up.CreateBackup(request))
    begun = (await anext(answers)).backup
    assert await failing(vault) == "BACKUP_RUNNING"
    assert (await last_of(vault.person.backing_up.CreateBackup(request))).state == RUNNING
    assert (await vault.get(begun.id)).state == RUNNING
    held.let_go.set()
    assert (await last_of(answers)).state == DONE


async def test_another_passphrase_is_another_request(vault: Vault) -> None:
    request = vault.request()
    await vault.back_up(request)
    other = vault.request("another long passphrase", request_id=request.request_id)
    assert await failing(vault, other) == "REQUEST_ID_REUSED"
