"""What does the server's answer to a push do to the outbox?"""

from collections.abc import Iterable

from tallystick_client.offline import outbox
from tallystick_client.offline.database import Tx
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.sync_pb2 import MutationResult, Outcome

_DONE = frozenset({Outcome.OUTCOME_APPLIED, Outcome.OUTCOME_REPEATED, Outcome.OUTCOME_MERGED})


def settle(tx: Tx, results: Iterable[MutationResult]) -> int:
    """Sorts what was pushed by what became of it. Returns the newest version that any of it is in."""
    newest = 0
    results = list(results)
    renamed = _to_rename(tx, results)
    for result in results:
        newest = max(newest, result.version)
        if result.request_id not in renamed:
            _settle(tx, result)
    outbox.rename(tx, renamed)
    outbox.drop_mirrored(tx)
    return newest


def _settle(tx: Tx, result: MutationResult) -> None:
    if result.outcome in _DONE:
        # Until the mirror holds the effect it stays on the screen as before. Version 0: there is none.
        outbox.mark_sent(tx, result.request_id, result.version)
        outbox.keep_replaced(tx, result.request_id, result.replaced)
    elif result.outcome == Outcome.OUTCOME_CONFLICT:
        # The conflict keeps it, and comes with the next pull.
        outbox.drop(tx, result.request_id)
    elif result.rejection.reason == ErrorReason.ERROR_REASON_ID_TAKEN and _was_renamed(tx, result.request_id):
        outbox.take_back(tx, result)
    else:
        outbox.park(tx, result)


def _to_rename(tx: Tx, results: list[MutationResult]) -> list[str]:
    """A clone of this device has used the request_id for something else. What hangs on it was not done either, and goes with it.

    Nobody can have used one that was made only then: a second time it is the server's fault, and a case for the tray.
    """
    renamed: list[str] = []
    for result in results:
        is_used = result.rejection.reason == ErrorReason.ERROR_REASON_REQUEST_ID_REUSED
        if (is_used and not _was_renamed(tx, result.request_id)) or result.blocked_by in renamed:
            renamed.append(result.request_id)
    return renamed


def _was_renamed(tx: Tx, request_id: str) -> bool:
    row = tx.execute("SELECT is_again FROM outbox WHERE request_id = ?", (request_id,)).fetchone()
    return bool(row and row[0])
