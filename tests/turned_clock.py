"""How do tests make time pass? By turning the server's clock, never by waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from tallystick.clock import Clock


class TurnedClock(Clock):
    """The system's clock, plus however far it was turned."""

    def __init__(self) -> None:
        self.turned = timedelta()

    def now(self) -> datetime:
        return super().now() + self.turned

    @contextmanager
    def later(self, **by: float) -> Iterator[None]:
        """Inside the block it is later: `with clock.later(days=8):`."""
        before = self.turned
        self.turned += timedelta(**by)
        try:
            yield
        finally:
            self.turned = before
