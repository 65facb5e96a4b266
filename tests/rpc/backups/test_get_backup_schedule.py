"""Is a schedule shown to its user, and to nobody else?"""

from people import MISSING_ID, refusal_of
from rpc.backups.vault import Vault
from tallystick_client.v1 import backup_service_pb2 as api


async def test_it_is_shown_as_it_was_set(vault: Vault) -> None:
    assert await vault.find_schedule() is None
    made = await vault.schedule(cron="5 4 * * sun", retention={"monthly": 2})
    assert await vault.find_schedule() == made
    assert (made.target_id, made.cron, made.retention.monthly) == (vault.target_id, "5 4 * * sun", 2)


async def test_of_a_target_that_is_not_there_there_is_none_to_be_shown(vault: Vault) -> None:
    request = api.GetBackupScheduleRequest(target_id=MISSING_ID)
    assert (await refusal_of(vault.person.backups.GetBackupSchedule(request))).reason == "NOT_FOUND"
