"""What is deleted because its time is over? Everything of identity that has an end. Safe at any time, in any process."""

from datetime import timedelta
from typing import Any

from tallystick.identity import writes
from tallystick.identity.erasure import Erasure
from tallystick.identity.parts import Parts
from tallystick.store.statements import Statement

# So many rows in one statement, so that nobody waits long for their locks.
ROWS_MAX = 1_000
# What has ended stays for a while, for whoever looks into what happened.
ENDED_KEPT = timedelta(days=30)
DEVICES_KEPT = timedelta(days=365)
COUNTERS_KEPT = timedelta(days=2)
QUOTA_KEPT = timedelta(days=1)


async def sweep(parts: Parts, erasure: Erasure) -> dict[str, int]:
    """Deletes what has expired, finishes interrupted erasures, and keeps the signing keys in order. Returns counts by name."""
    now = parts.clock.now()
    endings: dict[str, tuple[Statement[Any], timedelta]] = {
        "refresh_tokens": (writes.SWEEP_REFRESH_TOKENS, timedelta()),
        "sessions": (writes.SWEEP_SESSIONS, ENDED_KEPT),
        "mail_tokens": (writes.SWEEP_MAIL_TOKENS, timedelta()),
        "known_devices": (writes.SWEEP_DEVICES, DEVICES_KEPT),
        "access_keys": (writes.SWEEP_ACCESS_KEYS, ENDED_KEPT),
        "counters": (writes.SWEEP_COUNTERS, COUNTERS_KEPT),
    }
    swept = {}
    for name, (statement, kept) in endings.items():
        swept[name] = 0
        while rows := await parts.apart.fetch(statement(before=now - kept, limit=ROWS_MAX)):
            swept[name] += len(rows)
            if len(rows) < ROWS_MAX:
                break
    lost_reply = timedelta(seconds=parts.settings.lost_reply_s)
    await parts.apart.fetch_all(
        writes.FORGET_SUCCESSORS(before=now - lost_reply),
        writes.FORGET_ANSWERS(before=now),
        writes.SWEEP_QUOTA(before=now - QUOTA_KEPT),
    )
    swept["erasures"] = await erasure.resume()
    await parts.signing.maintain()
    return swept
