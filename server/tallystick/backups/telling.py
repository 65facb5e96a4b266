"""Who writes to the operator, when several servers see the same trouble? Whoever notes first that today's mail of a cause is theirs.

A server that dies between the note and the mail loses that one; the next day has another, for as long as the trouble lasts.
"""

from collections.abc import Awaitable, Callable
from datetime import date

from tallystick.backups import letters, writes
from tallystick.backups.letters import Letter
from tallystick.backups.rules import Standing
from tallystick.log import log
from tallystick.store.apart import Apart

# A subject and a text, to the operator.
Post = Callable[[str, str], Awaitable[None]]


class Telling:
    """Tells the operator how the backups of each target are."""

    def __init__(self, apart: Apart, post: Post | None) -> None:
        """`post`: None where there is no address; then nothing is noted either."""
        self._apart = apart
        self._post = post

    async def tell(self, target: str, standing: Standing, today: date) -> None:
        if self._post is None:
            return
        troubles = letters.list_troubles(standing)
        due = [each for each in troubles if await self._is_ours(target, each.cause, today)]
        if due:
            await self._send(self._post, target, letters.compose_trouble(target, due))
        elif not troubles and await self._apart.fetch(writes.FORGET_TROUBLES(of_target=target)):
            await self._send(self._post, target, letters.compose_well(target))

    async def _is_ours(self, target: str, cause: str, today: date) -> bool:
        return bool(await self._apart.fetch(writes.NOTE_TROUBLE(target=target, cause=cause, today=today)))

    async def _send(self, post: Post, target: str, letter: Letter) -> None:
        try:
            await post(letter.subject, letter.body)
        except OSError as failed:
            # Backups of other targets go on.
            log("operator_not_told", level="error", target=target, error=failed)
