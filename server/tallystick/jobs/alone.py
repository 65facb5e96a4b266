"""How does a job work on many things, when one of them is broken? One thing's failure is its own: the others go on."""

from collections.abc import Awaitable, Callable
from typing import Any

from tallystick.errors import TallystickError, Unavailable
from tallystick.log import log


async def work_alone(
    noun: str, ids: Callable[[], dict[str, Any]], work: Awaitable[None], put_off: Callable[[], Awaitable[None]]
) -> TallystickError | None:
    """Works on one thing that is leased, and puts it off when it fails. Returns what refused it. `noun` and `ids`, as they are by then,
    are for the log."""
    try:
        await work
    except Unavailable as busy:
        # The lease runs out by itself, and somebody tries again.
        log(f"{noun}_waits", level="warning", reason=busy.reason_name, **ids())
    except TallystickError as refused:
        log(f"{noun}_refused", level="warning", reason=refused.reason_name, **ids())
        await put_off()
        return refused
    except Exception as failed:  # noqa: BLE001 - whatever is wrong with one thing must not hold up the others
        log(f"{noun}_failed", level="error", error=failed, **ids())
        await put_off()
    return None
