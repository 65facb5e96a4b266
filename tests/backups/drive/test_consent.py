"""Does a user's permission come, last, and end as Google says? And is what ended told so that one knows what to do?"""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from backups.drive.cases import LABELS, NAME, content, fails
from backups.drive.faults import Effect, Kind
from backups.drive.running import ANN, RunningDrive, spool
from tallystick.backups.targets.drive.consent import OAuthClient, compose_consent, exchange_code, revoke
from tallystick.backups.targets.drive.grant import OWN_FILES, Grant
from tallystick.backups.targets.target import TargetReason


async def connect(drive: RunningDrive, *, is_ticked: bool = True) -> Grant:
    consent = compose_consent(drive.client())
    code, state = drive.world.accounts.consent(consent.url, ANN, is_ticked=is_ticked)
    assert state == consent.state
    return await exchange_code(drive.client(), code, consent.verifier)


async def test_a_code_becomes_a_grant_that_lasts(drive: RunningDrive, tmp_path: Path) -> None:
    grant = Grant.of_text((await connect(drive)).to_text())
    target = drive.target(grant)
    assert (await target.look()).owner_email == ANN
    drive.world.accounts.expire()
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    assert len(drive.files()) == 1
    assert grant.refresh_token not in repr(grant)


def test_what_is_asked_for_is_as_little_as_will_do() -> None:
    client = OAuthClient("app", "secret", "https://money.example/connected")
    url = urlsplit(compose_consent(client).url)
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://accounts.google.com/o/oauth2/v2/auth"
    assert asked["scope"] == OWN_FILES
    assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
    assert "secret" not in url.query
    first, second = compose_consent(client), compose_consent(client)
    assert first.state != second.state
    assert first.verifier != second.verifier


async def test_a_code_serves_once_and_only_with_its_verifier(drive: RunningDrive) -> None:
    consent = compose_consent(drive.client())
    code, _ = drive.world.accounts.consent(consent.url, ANN)
    await fails(
        exchange_code(drive.client(), code, compose_consent(drive.client()).verifier), TargetReason.REAUTH_REQUIRED
    )
    await fails(exchange_code(drive.client(), code, consent.verifier), TargetReason.REAUTH_REQUIRED)


async def test_a_box_that_was_not_ticked_is_told(drive: RunningDrive) -> None:
    with pytest.raises(Exception, match="ticked"):
        await connect(drive, is_ticked=False)


async def test_without_a_lasting_permission_there_is_none(drive: RunningDrive) -> None:
    consent = compose_consent(drive.client())
    code, _ = drive.world.accounts.consent(consent.url.replace("prompt=consent", "prompt=none"), ANN)
    await fails(exchange_code(drive.client(), code, consent.verifier), TargetReason.REAUTH_REQUIRED)


@pytest.mark.parametrize("changed", ["client_secret", "redirect_url"])
async def test_settings_that_are_not_those_of_the_console_are_told(drive: RunningDrive, changed: str) -> None:
    ours = drive.client()
    fields = {name: getattr(ours, name) for name in ("client_id", "client_secret", "redirect_url", "root_url")}
    consent = compose_consent(ours)
    code, _ = drive.world.accounts.consent(consent.url, ANN)
    other = OAuthClient(**{**fields, changed: "http://other.example"})
    await fails(exchange_code(other, code, consent.verifier), TargetReason.REFUSED)


async def test_a_code_is_not_tried_twice(drive: RunningDrive) -> None:
    drive.plan(Kind.TOKEN, Effect.STATUS, status=503)
    with pytest.raises(Exception, match="did not answer"):
        await connect(drive)
    assert drive.calls(Kind.TOKEN) == 1


async def test_nobody_there(drive: RunningDrive) -> None:
    client = drive.client()
    nowhere = OAuthClient(client.client_id, client.client_secret, client.redirect_url, "http://127.0.0.1:1/")
    await fails(exchange_code(nowhere, "code", "verifier"), TargetReason.UNREACHABLE)
    await fails(revoke(nowhere, Grant("", "")), TargetReason.UNREACHABLE)


async def test_a_permission_that_was_taken_back_is_told_with_what_to_do(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target(await connect(drive))
    await target.check()
    drive.world.accounts.revoke(ANN)
    for doing in (target.check(), target.find({}), target.store(NAME, LABELS, spool(tmp_path, content(1)))):
        failed = await fails(doing, TargetReason.REAUTH_REQUIRED)
        assert "Connect the Drive again" in failed.message
    assert drive.naps.taken_s == []


async def test_a_permission_that_ends_in_the_middle_of_an_upload(drive: RunningDrive, tmp_path: Path) -> None:
    target, held = drive.target(), drive.plan(Kind.CHUNK, status=401, reason="authError", skip=1)
    drive.plan(Kind.TOKEN, status=400, reason="x", skip=1, times=9)
    drive.world.accounts.revoke("nobody")
    await fails(target.store(NAME, LABELS, spool(tmp_path, content(3))), TargetReason.REAUTH_REQUIRED)
    assert held.times == 0
    assert drive.files() == []


async def test_it_is_given_back(drive: RunningDrive) -> None:
    grant = await connect(drive)
    await revoke(drive.client(), grant)
    await revoke(drive.client(), grant)
    await fails(drive.target(grant).check(), TargetReason.REAUTH_REQUIRED)


async def test_a_grant_of_another_oauth_client_is_of_no_use(drive: RunningDrive) -> None:
    async def target() -> None:
        drive.target(Grant("another.app", "token"))

    await fails(target(), TargetReason.REAUTH_REQUIRED)


async def test_a_secret_that_was_changed_is_told(drive: RunningDrive) -> None:
    target = drive.target()
    drive.world.accounts.client_secret = "another"
    await fails(target.check(), TargetReason.REFUSED)


async def test_after_connecting_anew_files_of_old_may_not_be_seen(drive: RunningDrive, tmp_path: Path) -> None:
    """Google may forget which files were this app's. Then there is a new folder, and the old files are their owner's alone."""
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(1)))
    for file in drive.world.files.values():
        file.client_id = "forgotten"
    target = drive.target()
    assert await target.find(LABELS) is None
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    assert len(drive.folders()) == 2
