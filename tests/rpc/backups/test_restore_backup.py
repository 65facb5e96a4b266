"""Does a space come back from a backup, once, for whoever may have it; and is nothing touched before all is known to be well?"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import grpc
import psycopg
import pytest

from backups.drive.faults import Effect, Kind
from backups.golden.make_own import FOLDER
from files.desk import bring
from people import MISSING_ID, Person, make_book, read_refusal
from rpc.backups.recorder import Recorder
from rpc.backups.vault import SECRET, Vault, connect
from rpc.spaces.sharing import EDITOR, share
from tallystick.app import App
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.archive.writer import Part, write_archive
from tallystick.backups.own.restores import kept
from tallystick.errors import RuleBroken
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import migrate
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.backup_pb2 import BackupState
from tallystick_client.v1.backup_restore_pb2 import RestoreBackupRequest, RestoreMode, RestoreStep
from tallystick_client.v1.notification_pb2 import ListNotificationsRequest, NotificationKind
from turned_clock import TurnedClock

REPLACE = RestoreMode.RESTORE_MODE_REPLACE
MADE_AT = datetime(2026, 2, 3, tzinfo=UTC)
GOLDEN = sorted(FOLDER.glob("own-*.tally"))


async def failing(vault: Vault, request: RestoreBackupRequest) -> str:
    """The reason of a restore that must fail."""
    try:
        restored = await vault.restore(request)
    except grpc.aio.AioRpcError as error:
        return read_refusal(error).reason
    raise AssertionError(f"it had to fail, and restored {restored}")


def actions_of(postgres: EmbeddedPostgres, scope_id: str) -> list[str]:
    with psycopg.connect(postgres.owner_dsn) as connection:
        rows = connection.execute("SELECT action FROM audit WHERE scope_id = %s ORDER BY seq", (scope_id,)).fetchall()
    return [row[0] for row in rows]


async def composed(
    parts: dict[str, bytes], revision: str = "", columns: dict[str, tuple[str, ...]] | None = None
) -> bytes:
    """An archive of somebody else's making."""
    told = Manifest(revision or migrate.newest(), "0.1.0", 0, MADE_AT, {}, {}, (), columns or {})
    source = write_archive(told, [Part(name, [part]) for name, part in parts.items()], Passphrase(SECRET), cost=Cost(8))
    return b"".join([piece async for piece in source])


async def test_a_new_space_gets_all_of_it(
    vault: Vault, recorder: Recorder, server: App, postgres: EmbeddedPostgres
) -> None:
    book = await make_book(vault.person)
    await book.spend(250)
    file = await bring(vault.person, book.id, b"a receipt")
    backup = await vault.back_up()
    request = vault.restoring(backup.id, book.id, name="As it was")
    answers = [answer async for answer in vault.person.backing_up.RestoreBackup(request)]
    recorded, restored = recorder.only, answers[-1].restored
    assert (recorded.name, recorded.is_over) == ("As it was", False)
    assert recorded.contents == {UUID(file.id): b"a receipt"}
    assert (restored.space_id, restored.files) == (book.id, 1)
    assert (restored.revisions, restored.entities) == (len(recorded.revisions), len(recorded.newest))
    assert list(restored.safety_backup_ids) == []
    assert [*server.own_backups.spool_dir.iterdir()] == []
    assert "backup_restored" in actions_of(postgres, vault.person.user.home_id)
    assert "backup_restored" in actions_of(postgres, book.id)


async def test_what_is_replaced_is_backed_up_first(vault: Vault, bob: Person, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    await share(vault.person, book.id, bob, EDITOR)
    backup = await vault.back_up()
    spent = await book.spend(250)
    restored = await vault.restore(vault.restoring(backup.id, book.id, mode=REPLACE))
    assert recorder.only.is_over
    (safety,) = [each for each in await vault.list_backups() if each.id != backup.id]
    assert list(restored.safety_backup_ids) == [safety.id]
    assert (safety.before_restore_of, safety.state) == (book.id, BackupState.BACKUP_STATE_DONE)
    assert (safety.target_id, backup.before_restore_of) == (vault.target_id, "")
    assert spent.transaction.id.encode() in (await vault.read(safety))[f"books/{book.id}.jsonl"]
    told = (await bob.notifications.ListNotifications(ListNotificationsRequest())).notifications
    assert [
        each.space_put_back.actor_name for each in told if each.kind == NotificationKind.NOTIFICATION_KIND_BACKUP
    ] == ["Ann"]
    mine = (await vault.person.notifications.ListNotifications(ListNotificationsRequest())).notifications
    assert [each for each in mine if each.kind == NotificationKind.NOTIFICATION_KIND_BACKUP] == []


async def test_nothing_is_replaced_that_was_not_backed_up(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    request = vault.restoring(backup.id, book.id, mode=REPLACE)
    vault.drive.plan(Kind.BEGIN, times=100)
    assert await failing(vault, request) == "TARGET_UNREACHABLE"
    assert recorder.asked == 0
    vault.drive.mend()
    restored = await vault.restore(request)
    assert len(restored.safety_backup_ids) == 2
    states = [(await vault.get(each)).state for each in restored.safety_backup_ids]
    assert states == [BackupState.BACKUP_STATE_FAILED, BackupState.BACKUP_STATE_DONE]


async def test_what_is_changed_while_it_is_backed_up_is_backed_up_again(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    held = vault.drive.plan(Kind.BEGIN, Effect.HOLD)
    running = asyncio.create_task(vault.restore(vault.restoring(backup.id, book.id, mode=REPLACE)))
    while vault.drive.calls(Kind.BEGIN) < 2:
        await asyncio.sleep(0.02)
    spent = await book.spend(250)
    held.let_go.set()
    restored = await running
    first, second = [await vault.get(each) for each in restored.safety_backup_ids]
    spent_id, part = spent.transaction.id.encode(), f"books/{book.id}.jsonl"
    assert spent_id not in (await vault.read(first))[part]
    assert spent_id in (await vault.read(second))[part]


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def flipped(whole: bytes) -> bytes:
    return whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:]


def of_a_later_version(whole: bytes) -> bytes:
    """A head that says so, and is whole."""
    head = whole[:8] + (99).to_bytes(2) + whole[10:80]
    return head + hashlib.sha256(head).digest() + whole[112:]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(cut, "BACKUP_DAMAGED", id="cut"),
        pytest.param(flipped, "BACKUP_DAMAGED", id="changed"),
        pytest.param(lambda whole: b"%PDF-1.7" + whole, "ARCHIVE_FOREIGN", id="foreign"),
        pytest.param(of_a_later_version, "ARCHIVE_NEWER", id="newer"),
    ],
)
@pytest.mark.parametrize("mode", [RestoreMode.RESTORE_MODE_NEW, REPLACE], ids=["new", "replace"])
async def test_what_is_not_whole_touches_nothing(
    vault: Vault,
    recorder: Recorder,
    server: App,
    mode: RestoreMode.ValueType,
    spoil: Callable[[bytes], bytes],
    reason: str,
) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    file = await bring(vault.person, vault.person.user.home_id, spoil(bytes(vault.file_of(backup).content)))
    request = vault.restoring("", book.id, mode=mode, target_id=vault.target_id)
    request.file_id = file.id
    assert await failing(vault, request) == reason
    assert recorder.asked == 0
    assert [each.id for each in await vault.list_backups()] == [backup.id]
    assert [*server.own_backups.spool_dir.iterdir()] == []


async def test_what_was_changed_in_the_drive_touches_nothing(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    file = vault.file_of(backup)
    whole = file.content
    file.content = flipped(bytes(whole))
    assert await failing(vault, vault.restoring(backup.id, book.id)) == "BACKUP_DAMAGED"
    del vault.drive.world.files[backup.stored_id]
    assert await failing(vault, vault.restoring(backup.id, book.id)) == "BACKUP_GONE"
    assert recorder.asked == 0


async def test_archives_that_no_user_made_are_foreign(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    head = b'{"head":{"formatVersion":1,"spaceId":"%b","kind":"SPACE_KIND_BOOK","version":"1"}}\n' % book.id.encode()
    tail = b'{"tail":{"entities":"0"}}\n'
    state, history = f"books/{book.id}.jsonl", f"history/{book.id}.jsonl"
    later = head.replace(b'"formatVersion":1', b'"formatVersion":2')
    unknown = b'{"change":{"entity":{"hologram":{"id":"%b"}},"version":"1"}}\n' % book.id.encode()
    revision = b'{"revision":{"change":{"entity":{"tag":{"id":"%b"}},"version":"1","actorId":"%b"}}}\n'
    twice, none = revision % (book.id.encode(), book.id.encode()) * 2, b'{"tail":{"revisions":"0"}}\n'
    home = vault.person.user.home_id.encode()
    profile = b'{"change":{"entity":{"profile":{"id":"%b"}},"version":"1","actorId":"%b"}}\n' % (home, home)
    empty = {"home.jsonl": head.replace(b"BOOK", b"HOME") + profile + tail.replace(b"0", b"1")}
    cases: list[tuple[bytes, str]] = [
        (await composed({"rows.txt": b""}), "ARCHIVE_FOREIGN"),
        (await composed({"home.jsonl": b""}), "BACKUP_DAMAGED"),
        (await composed({"home.jsonl": head + tail, state: head + tail}), "BACKUP_DAMAGED"),
        (await composed(empty, columns={"tag": ("id",)}), "ARCHIVE_FOREIGN"),
        (await composed(empty, revision="9999"), "ARCHIVE_NEWER"),
        (await composed(empty), "SPACE_NOT_IN_BACKUP"),
        (await composed(empty | {state: later + tail}), "ARCHIVE_NEWER"),
        (await composed(empty | {state: head + unknown + tail}), "ARCHIVE_NEWER"),
        (await composed(empty | {state: head}), "BACKUP_DAMAGED"),
        (await composed(empty | {state: head + tail[:-1]}), "BACKUP_DAMAGED"),
        (await composed(empty | {state: head + head + tail}), "BACKUP_DAMAGED"),
        (await composed(empty | {state: head + tail + tail}), "BACKUP_DAMAGED"),
        (await composed(empty | {state: head + b"nonsense\n" + tail}), "BACKUP_DAMAGED"),
        (await composed(empty | {state: head + tail.replace(b"0", b"1")}), "BACKUP_DAMAGED"),
        (await composed(empty | {f"groups/{book.id}.jsonl": head + tail}), "BACKUP_DAMAGED"),
        (await composed(empty | {state: head.replace(b"1", b"x", 1) + tail}), "BACKUP_DAMAGED"),
        (await composed(empty | {history: head + none}), "SPACE_NOT_IN_BACKUP"),
        (await composed(empty | {state: head + tail, history: head + none.replace(b"0", b"1")}), "BACKUP_DAMAGED"),
        (await composed(empty | {state: head + tail, history: head + twice + none}), "BACKUP_DAMAGED"),
    ]
    for number, (archive, reason) in enumerate(cases):
        file = await bring(vault.person, vault.person.user.home_id, archive)
        request = vault.restoring("", book.id)
        request.file_id = file.id
        assert (number, await failing(vault, request)) == (number, reason)
    assert recorder.asked == 0


async def test_a_wrong_passphrase_and_another_space_are_refused(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    later = await make_book(vault.person)
    for wrong in ("another long passphrase", "x"):
        assert await failing(vault, vault.restoring(backup.id, book.id, passphrase=wrong)) == "PASSPHRASE_WRONG"
    assert await failing(vault, vault.restoring(backup.id, later.id)) == "SPACE_NOT_IN_BACKUP"
    # Nobody's home comes back like this.
    assert await failing(vault, vault.restoring(backup.id, vault.person.user.home_id)) == "SPACE_NOT_IN_BACKUP"
    assert recorder.asked == 0


async def test_only_owners_replace(vault: Vault, bob: Person, recorder: Recorder) -> None:
    book = await make_book(bob)
    await share(bob, book.id, vault.person, EDITOR)
    backup = await vault.back_up()
    assert await failing(vault, vault.restoring(backup.id, book.id, mode=REPLACE)) == "ROLE_TOO_LOW"
    assert await failing(vault, vault.restoring(backup.id, MISSING_ID, mode=REPLACE)) == "NOT_FOUND"
    assert [each.id for each in await vault.list_backups()] == [backup.id]
    # For themselves everybody may.
    await vault.restore(vault.restoring(backup.id, book.id))
    assert recorder.only.space_id == UUID(book.id)


async def test_somebody_elses_is_not_found(vault: Vault, bob: Person, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    file = await bring(vault.person, vault.person.user.home_id, bytes(vault.file_of(backup).content))
    theirs = await connect(bob, vault.drive)
    from_file = vault.restoring("", book.id)
    from_file.file_id = file.id
    for request in (vault.restoring(backup.id, book.id), vault.restoring(MISSING_ID, book.id), from_file):
        assert await failing(theirs, request) == "NOT_FOUND"
    elsewhere = vault.restoring(backup.id, book.id, mode=REPLACE, target_id=theirs.target_id)
    assert await failing(vault, elsewhere) == "NOT_FOUND"
    assert recorder.asked == 0


async def test_a_repeat_says_what_was_restored(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    request = vault.restoring(backup.id, book.id, mode=REPLACE)
    first = await vault.restore(request)
    del vault.drive.world.files[backup.stored_id]
    assert await vault.restore(request) == first
    assert (recorder.asked, len(await vault.list_backups())) == (1, 2)
    other = vault.restoring(backup.id, book.id, request_id=request.request_id)
    assert await failing(vault, other) == "REQUEST_ID_REUSED"


async def test_who_goes_away_interrupts_it_and_the_same_request_goes_on(
    vault: Vault, recorder: Recorder, server: App
) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    request = vault.restoring(backup.id, book.id, mode=REPLACE)
    reached, cancelled = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        reached.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    recorder.hold = hold
    stream = vault.person.backing_up.RestoreBackup(request)
    await stream.read()
    await reached.wait()
    # One at a time, and not twice.
    assert await failing(vault, vault.restoring(backup.id, book.id)) == "RESTORE_RUNNING"
    assert await failing(vault, request) == "RESTORE_RUNNING"
    stream.cancel()
    await cancelled.wait()
    assert recorder.done == {}
    recorder.hold = None
    while (restored := await going_on(vault, request)) is None:
        await asyncio.sleep(0.02)
    assert recorder.only.is_over
    # What was changed between is in the second one.
    assert len(restored.safety_backup_ids) == 2
    assert [*server.own_backups.spool_dir.iterdir()] == []


async def going_on(vault: Vault, request: RestoreBackupRequest) -> Any:
    """None: the server has not noticed yet that nobody works on it."""
    try:
        return await vault.restore(request)
    except grpc.aio.AioRpcError as error:
        assert read_refusal(error).reason == "RESTORE_RUNNING"
        return None


async def test_a_server_that_was_killed_lets_go_after_a_while(
    vault: Vault, recorder: Recorder, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await make_book(vault.person)
    request = vault.restoring((await vault.back_up()).id, book.id)
    recorder.fails = ArithmeticError("killed")
    with monkeypatch.context() as patched:
        patched.setattr(kept.Lease, "release", AsyncMock())
        assert await failing(vault, request) == "RESTORE_INTERRUPTED"
    recorder.fails = None
    assert await failing(vault, request) == "RESTORE_RUNNING"
    with clock.later(minutes=4):
        assert (await vault.restore(request)).space_id == book.id


async def test_what_cannot_be_written_says_why(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    request = vault.restoring((await vault.back_up()).id, book.id)
    recorder.fails = RuleBroken(ErrorReason.ERROR_REASON_FILES_FULL, "No room.")
    assert await failing(vault, request) == "FILES_FULL"
    recorder.fails = ArithmeticError("a fault of the server")
    assert await failing(vault, request) == "RESTORE_INTERRUPTED"
    recorder.fails = None
    assert (await vault.restore(request)).space_id == book.id


async def test_a_file_that_was_brought_home_is_as_good(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    archive = bytes(vault.file_of(await vault.back_up()).content)
    file = await bring(vault.person, vault.person.user.home_id, archive, name="from my Drive.tallystick")
    assert file.content_type == "application/x-tallystick-archive"
    request = vault.restoring("", book.id)
    request.file_id = file.id
    assert (await vault.restore(request)).space_id == book.id
    # It is a backup already, and is in no other.
    assert (await vault.back_up()).files == 0
    replacing = vault.restoring("", book.id, mode=REPLACE)
    replacing.file_id = file.id
    assert await failing(vault, replacing) == "INVALID_FIELD"
    replacing.target_id = vault.target_id
    assert len((await vault.restore(replacing)).safety_backup_ids) == 1


async def test_without_drives_files_can_be_restored(ann: Person, server: App, recorder: Recorder) -> None:
    expected = json.loads(GOLDEN[0].with_suffix(".json").read_text())
    vault = Vault(ann, None, "")  # type: ignore[arg-type]  # there is none
    assert await failing(vault, vault.restoring(MISSING_ID, expected["book_id"])) == "DRIVES_NOT_OFFERED"
    file = await bring(ann, ann.user.home_id, GOLDEN[0].read_bytes())
    request = vault.restoring("", expected["book_id"], passphrase=expected["passphrase"])
    request.file_id = file.id
    assert (await vault.restore(request)).space_id == expected["book_id"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_every_archive_that_was_ever_made_is_read(ann: Person, recorder: Recorder, path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())
    assert hashlib.sha256(path.read_bytes()).hexdigest() == expected["archive_sha256"], "it is never made again"
    file = await bring(ann, ann.user.home_id, path.read_bytes())
    vault = Vault(ann, None, "")  # type: ignore[arg-type]  # there is none
    for kind in ("book", "group"):
        space_id = expected[f"{kind}_id"]
        request = vault.restoring("", space_id, passphrase=expected["passphrase"])
        request.file_id = file.id
        restored = await vault.restore(request)
        recorded, _ = recorder.done[request.request_id]
        assert restored.entities == len(recorded.newest) == expected["lines"][f"{kind}s/{space_id}.jsonl"] - 2
        contents = {f"files/{space_id}/{each}": content for each, content in recorded.contents.items()}
        assert {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()} == {
            name: digest for name, digest in expected["contents_sha256"].items() if space_id in name
        }


async def test_steps_are_told(vault: Vault, recorder: Recorder) -> None:
    book = await make_book(vault.person)
    backup = await vault.back_up()
    held = asyncio.Event()
    recorder.hold = held.wait
    steps = []
    async for answer in vault.person.backing_up.RestoreBackup(vault.restoring(backup.id, book.id)):
        steps.append(answer.progress.step)
        if steps[-1] == RestoreStep.RESTORE_STEP_REBUILDING:
            assert answer.progress.revisions > 0
            held.set()
    assert RestoreStep.RESTORE_STEP_REBUILDING in steps
