"""Does an upload survive the line, and does it know when it cannot? One Drive, one thing that goes wrong, one file at the end."""

import json
from pathlib import Path
from typing import Any

import pytest

from backups.drive.cases import LABELS, NAME, content, fails
from backups.drive.faults import Effect, Fault, Kind
from backups.drive.running import CHUNK_BYTES, RunningDrive, spool
from tallystick.backups.targets.drive.patience import PAUSE_MAX_S, TRIES_MAX
from tallystick.backups.targets.remembering import Remembering
from tallystick.backups.targets.target import TargetReason

RATE: dict[str, Any] = {"status": 403, "reason": "userRateLimitExceeded"}
BUSY: dict[str, Any] = {"status": 429, "reason": "rateLimitExceeded"}


def plan(kind: Kind, effect: Effect = Effect.STATUS, *, skip: int = 0, times: int = 1, **said: Any) -> Fault:
    return Fault(kind, effect, skip=skip, times=times, **said)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([plan(Kind.CHUNK, status=503)], id="503 on the first chunk"),
        pytest.param([plan(Kind.CHUNK, skip=1, times=3, status=500)], id="500 three times"),
        pytest.param([plan(Kind.CHUNK, skip=1, **RATE)], id="403 too fast"),
        pytest.param([plan(Kind.CHUNK, times=2, **BUSY)], id="429 twice"),
        pytest.param([plan(Kind.CHUNK, skip=1, status=408, reason="timeout")], id="408"),
        pytest.param([plan(Kind.CHUNK, Effect.RESET, skip=1)], id="cut off in the middle of a chunk"),
        pytest.param([plan(Kind.CHUNK, Effect.RESET, skip=1, times=3)], id="cut off three times"),
        pytest.param([plan(Kind.CHUNK, Effect.DROP, skip=1)], id="an answer is lost"),
        pytest.param([plan(Kind.CHUNK, Effect.DROP, skip=2)], id="the last answer is lost"),
        pytest.param([plan(Kind.CHUNK, Effect.DROP, skip=2), plan(Kind.QUERY, Effect.DROP)], id="twice lost"),
        pytest.param([plan(Kind.CHUNK, Effect.TRUNCATE, skip=2)], id="the last answer is cut off"),
        pytest.param([plan(Kind.CHUNK, status=401, reason="authError", skip=1)], id="the token ran out"),
        pytest.param([plan(Kind.BEGIN, status=500)], id="500 on the session"),
        pytest.param([plan(Kind.BEGIN, Effect.DROP)], id="the session is lost in an answer"),
        pytest.param([plan(Kind.BEGIN, Effect.RESET)], id="cut off before a session"),
        pytest.param([plan(Kind.BEGIN, Effect.PAGE)], id="somebody else answers"),
        pytest.param([plan(Kind.CHUNK, Effect.PAGE, skip=1)], id="somebody else answers in the middle"),
        pytest.param([plan(Kind.CHUNK, Effect.PAGE, skip=2)], id="somebody else answers at the end"),
        pytest.param([plan(Kind.CHUNK, Effect.LOSE_SESSION, status=404, skip=1)], id="session 404"),
        pytest.param([plan(Kind.CHUNK, Effect.LOSE_SESSION, status=410, skip=2)], id="session 410"),
        pytest.param(
            [plan(Kind.CHUNK, Effect.DROP, skip=2), plan(Kind.QUERY, Effect.LOSE_SESSION, status=404)],
            id="the last answer and the session are lost",
        ),
        pytest.param([plan(Kind.QUERY, times=2), plan(Kind.CHUNK, skip=1)], id="500 on the question how far it is"),
        pytest.param([plan(Kind.TOKEN, status=503)], id="no token at first"),
        pytest.param([plan(Kind.TOKEN, Effect.PAGE)], id="somebody else answers about tokens"),
        pytest.param([plan(Kind.IDS, Effect.RESET), plan(Kind.IDS, Effect.DROP)], id="no ids at first"),
        pytest.param([plan(Kind.CREATE, Effect.DROP)], id="the folder's answer is lost"),
        pytest.param([plan(Kind.CREATE, Effect.DROP, times=2)], id="the folder's answer is lost twice"),
        pytest.param([plan(Kind.LIST, times=2, **BUSY)], id="lists too fast"),
    ],
)
async def test_one_file_at_the_end(drive: RunningDrive, tmp_path: Path, faults: list[Fault]) -> None:
    drive.server.faults.plan(
        *(Fault(each.kind, each.effect, each.status, each.reason, each.skip, each.times) for each in faults)
    )
    source = spool(tmp_path, content(2.5))
    stored = await drive.target().store(NAME, LABELS, source)
    assert [(file.id, file.content) for file in drive.files()] == [(stored.id, source.path.read_bytes())]
    assert len(drive.folders()) == 1
    # It did go wrong.
    assert all(each.times == 0 for each in drive.server.faults.planned)


@pytest.mark.parametrize(
    ("fault", "reason", "naps"),
    [
        pytest.param(plan(Kind.BEGIN, status=403, reason="storageQuotaExceeded"), TargetReason.FULL, 0, id="full"),
        pytest.param(
            plan(Kind.CHUNK, skip=1, status=403, reason="storageQuotaExceeded"),
            TargetReason.FULL,
            0,
            id="full meanwhile",
        ),
        pytest.param(
            plan(Kind.CHUNK, status=500, times=99), TargetReason.UNREACHABLE, TRIES_MAX - 1, id="500 for ever"
        ),
        pytest.param(
            plan(Kind.CHUNK, Effect.RESET, times=99), TargetReason.UNREACHABLE, TRIES_MAX - 1, id="cut for ever"
        ),
        pytest.param(plan(Kind.BEGIN, times=99, **BUSY), TargetReason.RATE_LIMITED, TRIES_MAX - 1, id="busy for ever"),
        pytest.param(
            plan(Kind.CHUNK, status=403, reason="dailyLimitExceeded"), TargetReason.RATE_LIMITED, 0, id="no more today"
        ),
        pytest.param(
            plan(Kind.BEGIN, status=401, reason="authError", times=99), TargetReason.REAUTH_REQUIRED, 0, id="401"
        ),
        pytest.param(
            plan(Kind.BEGIN, status=403, reason="insufficientPermissions"), TargetReason.REAUTH_REQUIRED, 0, id="scope"
        ),
        pytest.param(plan(Kind.CHUNK, status=403, reason="domainPolicy"), TargetReason.REFUSED, 0, id="policy"),
        pytest.param(
            plan(Kind.BEGIN, status=403, reason="accessNotConfigured"), TargetReason.REFUSED, 0, id="not enabled"
        ),
        pytest.param(
            plan(Kind.BEGIN, status=409, reason="fileIdInUse", times=99),
            TargetReason.UNREACHABLE,
            TRIES_MAX - 1,
            id="409",
        ),
        pytest.param(
            plan(Kind.CHUNK, Effect.PAGE, times=99), TargetReason.UNREACHABLE, TRIES_MAX - 1, id="hotel chunks"
        ),
        pytest.param(
            plan(Kind.CHUNK, Effect.IGNORE, times=99), TargetReason.UNREACHABLE, TRIES_MAX - 1, id="no further"
        ),
        pytest.param(plan(Kind.LIST, Effect.PAGE, times=99), TargetReason.UNREACHABLE, TRIES_MAX - 1, id="a hotel"),
    ],
)
async def test_what_cannot_be_mended_is_told_and_leaves_nothing(
    drive: RunningDrive, tmp_path: Path, fault: Fault, reason: TargetReason, naps: int
) -> None:
    drive.plan(fault.kind, fault.effect, status=fault.status, reason=fault.reason, skip=fault.skip, times=fault.times)
    await fails(drive.target().store(NAME, LABELS, spool(tmp_path, content(2.5))), reason)
    assert drive.files() == []
    assert len(drive.naps.taken_s) == naps


async def test_pauses_double_and_end_at_a_minute(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.CHUNK, times=99)
    await fails(drive.target().store(NAME, LABELS, spool(tmp_path, content(1))), TargetReason.UNREACHABLE)
    assert drive.naps.taken_s == [1.5, 2.5, 4.5, 8.5, 16.5, 32.5, PAUSE_MAX_S]


async def test_what_gets_further_may_fail_as_often_as_it_likes(drive: RunningDrive, tmp_path: Path) -> None:
    for chunk in range(4):
        drive.plan(Kind.CHUNK, times=TRIES_MAX - 1, skip=chunk * TRIES_MAX)
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(4)))
    assert len(drive.naps.taken_s) == 4 * (TRIES_MAX - 1)


async def test_retry_after_is_waited_for(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.CHUNK, headers={"Retry-After": "17"}, **BUSY)
    drive.plan(Kind.LIST, headers={"Retry-After": "0"}, **BUSY)
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(1)))
    assert drive.naps.taken_s == [1.5, 17.0]


async def test_a_retry_after_that_is_too_long_is_left_to_the_next_run(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.CHUNK, headers={"Retry-After": "900"}, **BUSY)
    failed = await fails(drive.target().store(NAME, LABELS, spool(tmp_path, content(1))), TargetReason.RATE_LIMITED)
    assert failed.retry_after is not None
    assert failed.retry_after.total_seconds() == 900
    assert drive.naps.taken_s == []


async def test_sessions_that_vanish_again_and_again_have_an_end(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.CHUNK, Effect.LOSE_SESSION, status=404, times=99)
    await fails(drive.target().store(NAME, LABELS, spool(tmp_path, content(1))), TargetReason.UNREACHABLE)
    assert drive.calls(Kind.BEGIN) == TRIES_MAX
    assert drive.files() == []


async def test_what_is_sent_again_after_a_lost_session_is_no_failure(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.CHUNK, Effect.LOSE_SESSION, status=404, skip=2 * TRIES_MAX)
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(2 * TRIES_MAX + 1)))
    assert (drive.calls(Kind.BEGIN), len(drive.naps.taken_s), len(drive.files())) == (2, 1, 1)


async def test_after_a_cut_only_what_is_missing_is_sent(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.hurried(drive.target())
    larger = type(target)(target.line, target.progress, chunk_bytes=4 * CHUNK_BYTES)
    drive.plan(Kind.CHUNK, Effect.RESET)
    await larger.store(NAME, LABELS, spool(tmp_path, content(4)))
    assert (drive.calls(Kind.BEGIN), drive.calls(Kind.QUERY), drive.calls(Kind.CHUNK)) == (1, 1, 2)


async def test_a_token_that_runs_out_in_the_middle_of_an_upload_costs_one_answer(
    drive: RunningDrive, tmp_path: Path
) -> None:
    """The client sends the chunk again by itself. A stream would have been read to its end by then."""
    drive.plan(Kind.CHUNK, status=401, reason="authError", skip=1)
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(3)))
    assert (drive.calls(Kind.CHUNK), drive.calls(Kind.TOKEN), drive.naps.taken_s) == (4, 2, [])


async def test_the_next_process_goes_on_where_this_one_died(drive: RunningDrive, tmp_path: Path) -> None:
    grant, progress, source = drive.grant(), Remembering(), spool(tmp_path, content(4))
    drive.plan(Kind.CHUNK, status=500, skip=2, times=99)
    await fails(drive.target(grant, progress).store(NAME, LABELS, source), TargetReason.UNREACHABLE)
    drive.mend()
    drive.server.calls.clear()
    stored = await drive.target(grant, progress).store(NAME, LABELS, source)
    assert (drive.calls(Kind.BEGIN), drive.calls(Kind.QUERY), drive.calls(Kind.CHUNK)) == (0, 1, 2)
    assert [file.id for file in drive.files()] == [stored.id]
    assert "upload:run-1" not in progress.texts


async def test_the_next_process_finds_what_was_done_and_not_heard_of(drive: RunningDrive, tmp_path: Path) -> None:
    grant, progress, source = drive.grant(), Remembering(), spool(tmp_path, content(2))
    drive.plan(Kind.CHUNK, Effect.DROP, skip=1)
    drive.plan(Kind.QUERY, times=99)
    await fails(drive.target(grant, progress).store(NAME, LABELS, source), TargetReason.UNREACHABLE)
    drive.mend()
    drive.server.calls.clear()
    stored = await drive.target(grant, progress).store(NAME, LABELS, source)
    assert (drive.calls(Kind.BEGIN), drive.calls(Kind.CHUNK)) == (0, 0)
    assert [file.id for file in drive.files()] == [stored.id]


async def test_what_is_remembered_of_another_archive_is_not_gone_on_with(drive: RunningDrive, tmp_path: Path) -> None:
    grant, progress = drive.grant(), Remembering()
    drive.plan(Kind.CHUNK, skip=1, times=99)
    await fails(
        drive.target(grant, progress).store(NAME, LABELS, spool(tmp_path, content(3))), TargetReason.UNREACHABLE
    )
    drive.mend()
    other = spool(tmp_path, content(3, seed=2))
    await drive.target(grant, progress).store(NAME, LABELS, other)
    assert [file.content for file in drive.files()] == [content(3, seed=2)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"another": 1}', json.dumps({"file_id": 1, "sha256": 2})])
async def test_what_is_remembered_may_be_of_another_version(drive: RunningDrive, tmp_path: Path, text: str) -> None:
    progress = Remembering({"upload:run-1": text})
    await drive.target(None, progress).store(NAME, LABELS, spool(tmp_path, content(1)))
    assert len(drive.files()) == 1


async def test_a_session_that_refuses_is_not_gone_on_with_by_the_next_run(drive: RunningDrive, tmp_path: Path) -> None:
    grant, progress, source = drive.grant(), Remembering(), spool(tmp_path, content(2))
    drive.plan(Kind.CHUNK, status=400, reason="badRequest", skip=1)
    await fails(drive.target(grant, progress).store(NAME, LABELS, source), TargetReason.REFUSED)
    await drive.target(grant, progress).store(NAME, LABELS, source)
    assert drive.calls(Kind.BEGIN) == 2
    assert len(drive.files()) == 1


async def test_an_id_that_is_taken_by_nothing_that_is_seen_is_given_up(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.BEGIN, status=409, reason="fileIdInUse")
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(1)))
    assert len(drive.files()) == 1
