"""How do webhooks keep up with their spaces? A server leases a few that are behind, and tells each what happened, one commit after the
other.

A delivery that fails holds up those behind it, so that a receiver never sees a later commit first; after a day it is given up, and the
next ones go on. What is noted after an answer says how far the webhook is: whoever dies before that is followed by somebody who sends
the same again, under the same id.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotAllowed, NotVisible, TallystickError, Unavailable
from tallystick.jobs.alone import work_alone
from tallystick.jobs.keeping_up import KeepingUp, Pace
from tallystick.log import log
from tallystick.store.apart import Apart
from tallystick.store.statements import Call
from tallystick.store.store import Store
from tallystick.v1.webhook_deliveries_pb2 import DeliveryAttempt
from tallystick.v1.webhook_pb2 import UpdateWebhookRequest, UpdateWebhookResponse, Webhook, WebhookProblem
from tallystick.v1.webhook_service_pb2 import ListWebhookDeliveriesRequest
from tallystick.webhooks import queries, rules, writes
from tallystick.webhooks.bodies import PAGE_ROWS, Bodies, Delivery, Row
from tallystick.webhooks.commands import stop_by_itself
from tallystick.webhooks.delivering import Delivering, note
from tallystick.webhooks.queries import WEBHOOKS
from tallystick.webhooks.rules import DELIVERED, Position, Progress, Verdict
from tallystick.webhooks.tables import WEBHOOK

# So many are worked on at once. Fewer than may be sent at once: what somebody waits for has a place, too.
AT_ONCE = 16
# Longer than one attempt, and what is noted of it. What a server leaves undone when it dies waits no longer than this.
LEASE = timedelta(minutes=1)
# So many deliveries, and others have their turn.
TURN_MAX = 50
# After what must not happen: an operator looks at the log.
PUT_OFF = timedelta(hours=1)
PACE = Pace(look_every_s=2.0, pause_factor=3, pause_max_s=1.0)
NO_HOME = UUID(int=0)


@dataclass(slots=True)
class _Leased:
    """A webhook that is ours for a while."""

    space_id: UUID
    webhook_id: UUID
    user_id: UUID
    progress: Progress
    until: datetime

    @property
    def caller(self) -> Caller:
        return Caller(self.user_id, NO_HOME, None, "")


@dataclass(frozen=True, slots=True)
class _Page:
    """What there is to tell next. `is_all`: nothing of it is left out, up to the head."""

    webhook: Webhook
    bodies: Bodies
    rows: Sequence[Row]
    head_seq: int

    @property
    def is_all(self) -> bool:
        return len(self.rows) < PAGE_ROWS


class DeliveryJob:
    """Takes webhooks to where their spaces are."""

    def __init__(self, store: Store, apart: Apart, delivering: Delivering) -> None:
        self._store = store
        self._apart = apart
        self._delivering = delivering
        self._keeping_up = KeepingUp("webhooks", store, self._look, PACE)
        self._workers: dict[UUID, asyncio.Task[None]] = {}
        # Whether something may have been left for want of room: then whoever makes room looks at everything.
        self._is_short_of_room = False

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Inside the block everything is told by itself. What is in flight at its end is told again by somebody else."""
        try:
            async with self._keeping_up.going_on():
                yield
        finally:
            await self._end_workers()

    async def run(self, spaces: Sequence[UUID] | None = None) -> None:
        """Until nothing is due that could be told, in these spaces or at all."""
        while True:
            await self._look(spaces)
            if not self._workers:
                return
            done, _ = await asyncio.wait([*self._workers.values()])
            for problem in [worker.exception() for worker in done]:
                if problem is not None:
                    raise problem

    async def _end_workers(self) -> None:
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _look(self, nudged: Sequence[UUID] | None) -> None:
        """Begins with what is due, as far as there is room, and does not wait for it: a slow target must not hold up the others."""
        room = AT_ONCE - len(self._workers)
        if not room:
            self._is_short_of_room = True
            return
        at_all = nudged is None or self._is_short_of_room
        lease = writes.LEASE_ANY if at_all else partial(writes.LEASE_OF, spaces=nudged)
        found = await self._lease(lease, room)
        self._is_short_of_room = len(found) == room
        for leased in found:
            self._workers[leased.webhook_id] = asyncio.create_task(self._work(leased), name="webhook")

    async def _lease(self, lease: Any, limit: int) -> list[_Leased]:
        now = self._store.clock.now()
        rows = await self._apart.fetch(lease(now=now, lease=now + LEASE, limit=limit, but=list(self._workers)))
        return [
            _Leased(space_id, webhook_id, user_id, Progress(Position(seq, ordinal), *rest), now + LEASE)
            for space_id, webhook_id, user_id, seq, ordinal, *rest in rows
        ]

    async def _work(self, leased: _Leased) -> None:
        try:
            await work_alone(
                "webhook", partial(_ids, leased), self._take_turn_or_stop(leased), partial(self._put_off, leased)
            )
        finally:
            del self._workers[leased.webhook_id]
            # It may be behind again, and somebody else may wait for the place.
            self._keeping_up.nudge(leased.space_id)

    async def _take_turn_or_stop(self, leased: _Leased) -> None:
        try:
            await self._take_turn(leased)
        except (NotVisible, NotAllowed):
            await self._stop(leased)

    async def _take_turn(self, leased: _Leased) -> None:
        for _ in range(TURN_MAX):
            page = await self._read(leased)
            if page is None:
                return
            deliveries = page.bodies.deliveries(page.rows, leased.progress.told_seq, is_all=page.is_all)
            async with aclosing(deliveries):
                async for delivery in deliveries:
                    if not await self._deliver(leased, page.webhook, delivery):
                        return
            if page.is_all:
                progress = rules.passed_over(leased.progress, Position(page.head_seq))
                await self._move(leased, progress, lease=None)
                return
        await self._move(leased, leased.progress, lease=None)

    async def _read(self, leased: _Leased) -> _Page | None:
        """What there is to tell, as the webhook's user sees the space now. None: it has changed hands."""
        named = {"space_id": leased.space_id, "webhook_id": leased.webhook_id}
        asked = ListWebhookDeliveriesRequest(space_id=str(leased.space_id), webhook_id=str(leased.webhook_id))
        tx = self._store.reader(leased.caller, leased.space_id, asked)
        at = leased.progress.at
        found, held, heads, rows = await tx.fetch_all(
            WEBHOOKS.by_id(space_id=leased.space_id, id=leased.webhook_id),
            queries.HELD(**named, held=leased.until),
            queries.SPACE_HEAD(space_id=leased.space_id),
            queries.TO_TELL(**named, seq=at.seq, ordinal=at.ordinal, limit=PAGE_ROWS),
        )
        if not found or not held:
            return None
        webhook = tx.open(WEBHOOK, (found[0][0], found[0][1], found[0][2]))
        if webhook.user_id != str(leased.user_id):
            return None
        epoch, head_seq, _ = heads[0]
        return _Page(webhook, Bodies(webhook, epoch, tx.seal), rows, head_seq)

    async def _deliver(self, leased: _Leased, webhook: Webhook, delivery: Delivery) -> bool:
        """Whether the next one may follow."""
        before = leased.progress
        attempt = await self._delivering.attempt(
            webhook, delivery.id, delivery.body, seq=delivery.at.seq, number=before.attempts + 1
        )
        if attempt.problem == DELIVERED:
            return await self._move_on(leased, rules.delivered(before, delivery.at), note(webhook, attempt))
        progress = rules.failed(before, self._store.clock.now())
        match rules.judge(progress, self._store.clock.now()):
            case Verdict.GIVE_UP:
                letter = _keep_letter(webhook, delivery, attempt, progress, self._store.clock.now())
                log("webhook_gave_up", level="warning", to_version=delivery.at.seq, **_ids(leased))
                after = rules.given_up(progress, delivery.at)
                return await self._move_on(leased, after, [*note(webhook, attempt), *letter])
            case Verdict.STOP:
                if await self._move_on(leased, progress, note(webhook, attempt)):
                    await self._stop(leased, WebhookProblem.WEBHOOK_PROBLEM_TARGET_FAILING)
            case Verdict.AGAIN:
                due_at = self._store.clock.now() + rules.pause_after(delivery.id, progress.attempts)
                await self._move(leased, progress, lease=None, due_at=due_at, beside=note(webhook, attempt))
        return False

    async def _move_on(self, leased: _Leased, progress: Progress, beside: Sequence[Call[()]]) -> bool:
        """Whether it is still ours; then it is for longer."""
        until = self._store.clock.now() + LEASE
        return await self._move(leased, progress, lease=until, beside=beside)

    async def _move(
        self,
        leased: _Leased,
        progress: Progress,
        *,
        lease: datetime | None,
        due_at: datetime | None = None,
        beside: Sequence[Call[()]] = (),
    ) -> bool:
        move = writes.MOVE_ON(
            of_space=leased.space_id,
            of_webhook=leased.webhook_id,
            held=leased.until,
            to_seq=progress.at.seq,
            to_ordinal=progress.at.ordinal,
            told=progress.told_seq,
            failed=progress.attempts,
            since=progress.failing_since,
            lost=progress.given_up,
            due_at=due_at or self._store.clock.now(),
            lease=lease,
        )
        moved, *_ = await self._apart.fetch_all(move, *beside)
        leased.progress = progress
        if lease is not None:
            leased.until = lease
        return bool(moved)

    async def _stop(self, leased: _Leased, problem: WebhookProblem.ValueType = rules.NO_PROBLEM) -> None:
        """Says on the webhook why it stops. Without a problem its user may not look any more: the command sees why, under the space's
        lock. They may be no member, so the door does not judge; the command does no more than that."""
        request = UpdateWebhookRequest(
            request_id=str(rules.stop_id_of(leased.webhook_id, leased.until)),
            space_id=str(leased.space_id),
            webhook_id=str(leased.webhook_id),
        )
        command = partial(stop_by_itself, problem=problem, held=leased.until)
        try:
            answer = await self._store.write_invited(
                leased.caller, leased.space_id, request, command, UpdateWebhookResponse
            )
        except TallystickError as refused:
            # The space was hidden or erased just now, or the database is away: the lease runs out by itself.
            log("webhook_not_stopped", level="warning", reason=refused.reason_name, **_ids(leased))
        else:
            log("webhook_stopped", level="warning", problem=WebhookProblem.Name(answer.webhook.problem), **_ids(leased))

    async def _put_off(self, leased: _Leased) -> None:
        try:
            await self._move(leased, leased.progress, lease=None, due_at=self._store.clock.now() + PUT_OFF)
        except Unavailable as away:
            log("webhook_waits", level="warning", reason=away.reason_name, **_ids(leased))


def _keep_letter(
    webhook: Webhook, delivery: Delivery, attempt: DeliveryAttempt, progress: Progress, now: datetime
) -> list[Call[()]]:
    space_id, webhook_id = UUID(webhook.space_id), UUID(webhook.id)
    return [
        writes.KEEP_LETTER(
            space_id=space_id,
            webhook_id=webhook_id,
            delivery_id=delivery.id,
            from_seq=delivery.from_seq,
            seq=delivery.at.seq,
            ordinals=list(delivery.ordinals),
            complete=delivery.is_complete,
            given_up_at=now,
            problem=attempt.problem,
            attempts=progress.attempts,
        ),
        writes.FORGET_OLD_LETTERS(of_space=space_id, of_webhook=webhook_id),
    ]


def _ids(leased: _Leased) -> dict[str, Any]:
    return {"space_id": str(leased.space_id), "webhook_id": str(leased.webhook_id)}
