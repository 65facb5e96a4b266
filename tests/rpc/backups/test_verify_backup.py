"""Is a backup read again from where it lies, and is what is wrong with it said?"""

import grpc

from people import MISSING_ID, Person, read_refusal
from rpc.backups.vault import SECRET, Vault
from tallystick_client.v1.backup_pb2 import BackupProblem, BackupState

DONE, FAILED = BackupState.BACKUP_STATE_DONE, BackupState.BACKUP_STATE_FAILED


async def failing(vault: Vault, backup_id: str, passphrase: str = SECRET) -> str:
    try:
        await vault.verify(backup_id, passphrase)
    except grpc.aio.AioRpcError as error:
        return read_refusal(error).reason
    raise AssertionError("it had to fail")


async def test_a_whole_one_is_found_whole_later_again(vault: Vault) -> None:
    backup = await vault.back_up()
    verified = await vault.verify(backup.id)
    assert verified.state == DONE
    assert verified.verified_at.ToNanoseconds() > backup.verified_at.ToNanoseconds()
    assert await vault.get(backup.id) == verified


async def test_a_wrong_passphrase_says_nothing_about_it(vault: Vault) -> None:
    backup = await vault.back_up()
    for wrong in ("another long passphrase", "x"):
        assert await failing(vault, backup.id, wrong) == "PASSPHRASE_WRONG"
    assert await vault.get(backup.id) == backup


async def test_one_that_was_changed_is_damaged(vault: Vault) -> None:
    backup = await vault.back_up()
    file = vault.file_of(backup)
    whole = file.content
    file.content = whole[:-1] + bytes([whole[-1] ^ 1])
    assert await failing(vault, backup.id) == "BACKUP_DAMAGED"
    seen = await vault.get(backup.id)
    assert (seen.state, seen.problem) == (FAILED, BackupProblem.BACKUP_PROBLEM_DAMAGED)
    file.content = whole
    assert (await vault.verify(backup.id)).state == DONE


async def test_one_that_its_owner_deleted_is_gone(vault: Vault) -> None:
    backup = await vault.back_up()
    del vault.drive.world.files[backup.stored_id]
    assert await failing(vault, backup.id) == "BACKUP_GONE"
    seen = await vault.get(backup.id)
    assert (seen.state, seen.problem) == (FAILED, BackupProblem.BACKUP_PROBLEM_GONE)


async def test_somebody_elses_is_not_found(vault: Vault, bob: Person) -> None:
    backup = await vault.back_up()
    theirs = Vault(bob, vault.drive, vault.target_id)
    assert await failing(theirs, backup.id) == await failing(theirs, MISSING_ID) == "NOT_FOUND"
