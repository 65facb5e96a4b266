"""Does a permission become a target, once, for whoever was asked?"""

from backups.drive.running import ANN, RunningDrive
from people import Person, new_id, refusal_of, sign_in
from proof import Connection
from rpc.backups.vault import Vault, ask, consent
from tallystick_client.v1 import backup_service_pb2 as api
from tallystick_client.v1.backup_pb2 import BackupTargetState
from turned_clock import TurnedClock

CONNECTED = BackupTargetState.BACKUP_TARGET_STATE_CONNECTED
CONNECTING = BackupTargetState.BACKUP_TARGET_STATE_CONNECTING


async def test_it_is_connected_when_its_user_comes_back(ann: Person, drive: RunningDrive) -> None:
    asked = await ask(ann)
    assert asked.target.state == CONNECTING
    request = consent(drive, asked.consent_url)
    done = (await ann.backups.CompleteConnection(request)).target
    assert (done.id, done.state, done.owner_email) == (asked.target.id, CONNECTED, ANN)
    # The code is good once, and a repeat is answered all the same.
    assert (await ann.backups.CompleteConnection(request)).target == done
    assert list((await ann.backups.ListTargets(api.ListTargetsRequest())).targets) == [done]


async def test_a_state_is_good_once_and_for_an_hour_and_for_one_user(
    ann: Person, bob: Person, drive: RunningDrive, clock: TurnedClock
) -> None:
    asked = await ask(ann)
    request = consent(drive, asked.consent_url)
    theirs = await refusal_of(bob.backups.CompleteConnection(request))
    assert theirs.reason == "CONNECTION_EXPIRED"
    with clock.later(minutes=61):
        late = api.CompleteConnectionRequest(request_id=new_id(), state=request.state, code=request.code)
        # Tokens are shorter than that.
        again = await sign_in(ann.client, ann.email)
        assert (await refusal_of(again.backups.CompleteConnection(late))).reason == "CONNECTION_EXPIRED"
    await ann.backups.CompleteConnection(request)
    twice = api.CompleteConnectionRequest(request_id=new_id(), state=request.state, code=request.code)
    assert (await refusal_of(ann.backups.CompleteConnection(twice))).reason == "CONNECTION_EXPIRED"


async def test_a_permission_that_was_not_ticked_is_not_enough(ann: Person, drive: RunningDrive) -> None:
    asked = await ask(ann)
    refused = await refusal_of(ann.backups.CompleteConnection(consent(drive, asked.consent_url, is_ticked=False)))
    assert refused.reason == "TARGET_REAUTH_REQUIRED"
    (target,) = (await ann.backups.ListTargets(api.ListTargetsRequest())).targets
    assert target.state == CONNECTING


async def test_a_permission_is_nowhere_in_plain(vault: Vault, database: Connection) -> None:
    cells = database.execute(
        "SELECT amount FROM backup_target_memory WHERE space_id = %s", (vault.person.user.home_id,)
    ).fetchall()
    assert len(cells) >= 1
    tokens = vault.drive.world.accounts._lasting
    assert not [token for token in tokens for (cell,) in cells if token.encode() in bytes(cell)]
