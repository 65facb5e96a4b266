"""Who proves spaces when nobody asks? One of the servers, each space once a night; what differs is said in the log and in a metric."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import prometheus_client
from prometheus_client import CollectorRegistry

from tallystick.clock import Clock
from tallystick.errors import NotVisible
from tallystick.jobs import runs
from tallystick.log import log
from tallystick.proof.findings import Finding, name_of
from tallystick.proof.proving import Proof, Verdict
from tallystick.proof.spaces import SPACES_LEFT, list_spaces
from tallystick.store.apart import Apart
from tallystick.v1.ledger_proof_pb2 import DifferenceKind
from tallystick.v1.space_pb2 import SpaceKind

JOB = "verify"
# What was done tonight, by whichever server, is not done again: this only looks whether it was.
PROOF_EVERY_S = 900.0
# The day of a slot begins at this hour, when most people sleep where most of them live.
NIGHT_BEGINS = timedelta(hours=2)
# Longer than the proof of the largest space.
LEASE = timedelta(hours=1)
# A line of the log names so many differences; `tallystick check` names the others.
LOGGED_MAX = 10


class ProofJob:
    """Proves every space of a kind once a night, one after the other."""

    def __init__(
        self,
        name: str,
        kind: SpaceKind.ValueType,
        proof: Proof[Any],
        apart: Apart,
        clock: Clock,
        registry: CollectorRegistry,
    ) -> None:
        """`name`: what logs and metrics call a space of this kind."""
        self._name = name
        self._kind = kind
        self._proof = proof
        self._apart = apart
        self._clock = clock
        self._proven = prometheus_client.Counter(
            f"tallystick_{name}s_proven_total", f"{name.title()}s whose nightly proof was finished.", registry=registry
        )
        self._differences = prometheus_client.Counter(
            f"tallystick_{name}_differences_total",
            f"Differences that nightly proofs of {name}s have found, by kind.",
            ("kind",),
            registry=registry,
        )
        for each in DifferenceKind.values():
            self._differences.labels(name_of(each))

    async def run(self) -> None:
        slot = slot_of(self._clock.now())
        left = list_spaces(self._apart, lambda first: SPACES_LEFT(kind=self._kind, first=first, job=JOB, slot=slot))
        async for space_id in left:
            now = self._clock.now()
            if await runs.claim(self._apart, space_id, JOB, slot, now, LEASE):
                problem = await self._prove(space_id)
                await runs.finish(self._apart, space_id, JOB, slot, problem)

    async def _prove(self, space_id: UUID) -> str | None:
        """Whatever stops one proof does not stop the others. A space that differs is proven: another proof would find the same."""
        named: list[Finding] = []

        def tell(step: object) -> None:
            if isinstance(step, Finding):
                named.append(step)

        try:
            verdict = await self._proof.of_space(space_id, tell)
        except NotVisible:
            # It was erased meanwhile.
            return None
        except Exception as error:  # noqa: BLE001 - the next one must have its turn
            self._log("not_proven", space_id, error=error)
            return type(error).__name__
        self._tell(space_id, verdict, named)
        return None

    def _tell(self, space_id: UUID, verdict: Verdict, named: list[Finding]) -> None:
        self._proven.inc()
        if not verdict.differences:
            return
        kinds = Counter(name_of(finding.kind) for finding in named)
        for kind, count in kinds.items():
            self._differences.labels(kind).inc(count)
        # No amounts: only where to look.
        self._log(
            "differs",
            space_id,
            differences=verdict.differences,
            kinds=dict(kinds),
            first=[f"{name_of(finding.kind)} {finding.what} {finding.subject}" for finding in named[:LOGGED_MAX]],
        )

    def _log(self, event: str, space_id: UUID, **fields: Any) -> None:
        fields[f"{self._name}_id"] = str(space_id)
        log(f"{self._name}_{event}", level="error", **fields)


def slot_of(now: datetime) -> date:
    return (now.astimezone(UTC) - NIGHT_BEGINS).date()
