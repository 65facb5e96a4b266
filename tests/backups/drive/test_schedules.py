"""Whatever goes wrong, and in whatever order: is there one archive at the end, or a failure that is told and nothing half to be seen?"""

import asyncio
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backups.drive.cases import LABELS, NAME, content, read_all
from backups.drive.faults import Effect, Fault, Kind
from backups.drive.running import RunningDrive, running_drive, spool
from tallystick.backups.targets.remembering import Remembering
from tallystick.backups.targets.target import TargetFailed, TargetReason

STATUSES = [
    (500, "backendError"),
    (429, "rateLimitExceeded"),
    (403, "userRateLimitExceeded"),
    (403, "storageQuotaExceeded"),
    (400, "badRequest"),
    (401, "authError"),
    (404, "notFound"),
    (409, "fileIdInUse"),
    (410, "gone"),
]
KINDS = [kind for kind in Kind if kind not in (Kind.ABOUT, Kind.MEDIA)]
EFFECTS = [effect for effect in Effect if effect not in (Effect.HOLD, Effect.STATUS)]


@st.composite
def schedules(draw: st.DrawFn) -> list[Fault]:
    faults = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from([*KINDS, Kind.CHUNK, Kind.CHUNK, Kind.BEGIN, Kind.QUERY]))
        status, reason = draw(st.sampled_from(STATUSES))
        effect = draw(st.sampled_from([Effect.STATUS, *EFFECTS]))
        if effect in (Effect.CORRUPT, Effect.LOSE_SESSION, Effect.IGNORE):
            kind = Kind.CHUNK
        if effect is Effect.LOSE_SESSION:
            status = draw(st.sampled_from([404, 410]))
        # What comes from where tokens are made is said in other words; that is a test of its own.
        if kind is Kind.TOKEN and effect is Effect.STATUS:
            effect = Effect.RESET
        faults.append(
            Fault(kind, effect, status, reason, skip=draw(st.integers(0, 3)), times=draw(st.sampled_from([1, 1, 2, 9])))
        )
    return faults


async def _try(drive: RunningDrive, folder: Path, faults: list[Fault], *, forgets: bool, chunks: float) -> None:
    grant, progress, source = drive.grant(), Remembering(), spool(folder, content(chunks))
    drive.server.faults.plan(*faults)
    try:
        stored = await drive.target(grant, progress).store(NAME, LABELS, source)
    except TargetFailed as failed:
        assert failed.reason in TargetReason
        assert failed.message
    else:
        assert stored.sha256 == source.sha256
        assert stored.id in [file.id for file in drive.files()]
    drive.mend()
    progress = Remembering() if forgets else progress
    # Nothing half is seen, and whatever is seen is whole.
    async for seen in drive.target(grant, progress).list(LABELS):
        assert await read_all(drive.target(grant, progress), seen.id) == content(chunks)
    stored = await drive.target(grant, progress).store(NAME, LABELS, source)
    assert [(file.id, file.content) for file in drive.files()] == [(stored.id, content(chunks))]


def test_one_archive_or_a_failure_that_is_told(tmp_path: Path) -> None:
    with running_drive() as drive:

        @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
        @given(schedules(), st.booleans(), st.sampled_from([0.0, 0.5, 2.0, 2.5]))
        def each(faults: list[Fault], forgets: bool, chunks: float) -> None:
            drive.world.files.clear()
            asyncio.run(_try(drive, tmp_path, faults, forgets=forgets, chunks=chunks))

        each()
