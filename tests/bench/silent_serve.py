"""How does a server run that tells nobody anything? As ours, without the follower of journals and what is looked at by the clock."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tallystick.cli.main import main
from tallystick.jobs.keeping_up import KeepingUp
from tallystick.jobs.ticker import Ticker
from tallystick.notifications.assembly import Notifications

FOLLOWER = "notices"
_going_on = KeepingUp.going_on


@asynccontextmanager
async def _going_on_unless_it_tells(self: KeepingUp) -> AsyncIterator[None]:
    if self._name == FOLLOWER:
        yield
        return
    async with _going_on(self):
        yield


def _schedule_nothing(self: Notifications, ticker: Ticker) -> None:
    """It is called in the place of what it replaces."""


if __name__ == "__main__":
    KeepingUp.going_on = _going_on_unless_it_tells  # type: ignore[method-assign]  # only in this process
    Notifications.schedule = _schedule_nothing  # type: ignore[method-assign]  # as above
    sys.exit(main())
