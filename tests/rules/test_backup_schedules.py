"""What follows from how a scheduled backup went, and which of them may go?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tallystick.backups.archive.passphrase import Cost
from tallystick.backups.archive.recipient import Recipient
from tallystick.backups.cron import Cron
from tallystick.backups.own.schedules import rules
from tallystick.backups.own.schedules.kept import Kept
from tallystick.backups.rules import Keep
from tallystick.times import to_timestamp
from tallystick.v1.backup_pb2 import Backup, BackupProblem, BackupState

NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)
TARGET_ID, OTHER_ID, USER_ID = UUID(int=1), UUID(int=2), UUID(int=3)
FULL, REAUTH = BackupProblem.BACKUP_PROBLEM_FULL, BackupProblem.BACKUP_PROBLEM_REAUTH_REQUIRED
DONE, FAILED = BackupState.BACKUP_STATE_DONE, BackupState.BACKUP_STATE_FAILED
DAY = timedelta(days=1)
DAILY = Kept(
    recipient=Recipient(b"p" * 32, b"s" * 16, Cost(17, 1)),
    passphrase_set_at=NOW - DAY,
    cron=Cron.parse("0 3 * * *"),
    zone=ZoneInfo("Europe/Berlin"),
    keep=Keep(2, 0, 0),
    since=NOW - DAY,
    slot=NOW,
    try_at=NOW,
)

kepts = st.builds(
    replace,
    st.just(DAILY),
    cron=st.sampled_from([Cron.parse(line) for line in ("0 3 * * *", "15 * * * *", "0 3 * * sun")]),
    failures=st.integers(0, 10_000),
    is_paused=st.booleans(),
    is_told_stale=st.booleans(),
    last_verified_at=st.none() | st.just(NOW - DAY),
    problem=st.sampled_from([BackupProblem.BACKUP_PROBLEM_UNSPECIFIED, FULL, REAUTH]),
)


@given(kepts)
def test_it_is_kept_as_it_is(kept: Kept) -> None:
    assert Kept.of_text(kept.to_text()) == kept


@given(kepts)
def test_what_failed_is_tried_again_no_later_than_at_its_next_time(kept: Kept) -> None:
    after = rules.after_failure(kept, kept.slot, FULL, NOW)
    coming = kept.cron.next_after(NOW, kept.zone)
    assert NOW < after.try_at <= min(coming, NOW + rules.RETRY_MAX)
    assert after.slot in {kept.slot, coming}
    # Another try is another request.
    assert rules.request_id_of(TARGET_ID, after) != rules.request_id_of(TARGET_ID, kept)


@given(kepts)
def test_what_went_well_has_its_next_time(kept: Kept) -> None:
    after = rules.after_success(kept, kept.slot, NOW, NOW)
    assert after.slot == after.try_at == kept.cron.next_after(NOW, kept.zone)
    assert (after.failures, after.problem, after.is_told_stale) == (0, 0, False)
    assert not rules.is_stale(after, NOW)


@given(kepts)
def test_what_was_set_anew_meanwhile_keeps_its_own_time(kept: Kept) -> None:
    anew = replace(kept, slot=NOW + DAY, try_at=NOW + DAY)
    for after in (
        rules.after_success(anew, kept.slot, NOW, NOW),
        rules.after_failure(anew, kept.slot, REAUTH, NOW),
    ):
        assert (after.slot, after.try_at, after.failures) == (anew.slot, anew.try_at, anew.failures)
        assert after.is_paused == kept.is_paused


def test_it_is_stale_after_two_of_its_times_and_not_within_a_day() -> None:
    assert rules.stale_at(replace(DAILY, last_verified_at=NOW)) - NOW == 2 * DAY - timedelta(hours=1)
    hourly = replace(DAILY, cron=Cron.parse("0 * * * *"), last_verified_at=NOW)
    assert rules.stale_at(hourly) - NOW == timedelta(hours=26)


def test_a_user_has_a_time_of_their_own_in_the_night() -> None:
    lines = {rules.read_cron("", UUID(int=number)).text for number in range(1000)}
    assert len(lines) == rules.NIGHT_MINUTES
    assert {line.split()[1] for line in lines} == {"0", "1", "2", "3", "4"}


def backup_of(number: int, days: float, **fields: object) -> Backup:
    usual = {"state": DONE, "scheduled": True, "stored_id": f"file {number}", "target_id": str(TARGET_ID)}
    made = Backup(id=str(UUID(int=number)), **usual | fields)  # type: ignore[arg-type]  # of any type
    made.started_at.CopyFrom(to_timestamp(NOW - days * DAY))
    return made


def test_only_what_came_by_itself_to_this_target_goes() -> None:
    backups = [
        backup_of(1, 0),
        backup_of(2, 1),
        backup_of(3, 2),
        backup_of(4, 3, scheduled=False),
        backup_of(5, 3, target_id=str(OTHER_ID)),
        backup_of(6, 3, state=FAILED),
        backup_of(7, 29, state=FAILED, stored_id=""),
        backup_of(8, 31, state=FAILED, stored_id=""),
        backup_of(9, 31, state=FAILED, stored_id="", scheduled=False),
    ]
    going = rules.list_to_drop(backups, TARGET_ID, DAILY, NOW)
    assert [UUID(each.id).int for each in going] == [3, 8]
    nothing_kept = replace(DAILY, keep=Keep(0, 0, 0))
    assert [UUID(each.id).int for each in rules.list_to_drop(backups, TARGET_ID, nothing_kept, NOW)] == [2, 3, 8]
