"""Who proves the books when nobody asks? One of the servers, each book once a night; what differs is said in the log and in a metric."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import prometheus_client
from prometheus_client import CollectorRegistry

from tallystick.clock import Clock
from tallystick.errors import NotVisible
from tallystick.jobs import runs
from tallystick.ledger.proof.proving import Proof, Step, Verdict
from tallystick.ledger.proof.queries import BOOKS_LEFT, list_books
from tallystick.ledger.proof.rules import Finding
from tallystick.log import log
from tallystick.store.apart import Apart
from tallystick.v1.ledger_proof_pb2 import DifferenceKind

JOB = "verify"
# The day of a slot begins at this hour, when most people sleep where most of them live.
NIGHT_BEGINS = timedelta(hours=2)
# Longer than the proof of the largest book.
LEASE = timedelta(hours=1)
# A line of the log names so many differences; `tallystick check --book` names the others.
LOGGED_MAX = 10


class ProofJob:
    """Proves every book once a night, one after the other."""

    def __init__(self, proof: Proof, apart: Apart, clock: Clock, registry: CollectorRegistry) -> None:
        self._proof = proof
        self._apart = apart
        self._clock = clock
        self._proven = prometheus_client.Counter(
            "tallystick_books_proven_total", "Books whose nightly proof was finished.", registry=registry
        )
        self._differences = prometheus_client.Counter(
            "tallystick_book_differences_total",
            "Differences that nightly proofs have found, by kind.",
            ("kind",),
            registry=registry,
        )
        for kind in DifferenceKind.values():
            self._differences.labels(_name(kind))

    async def run(self) -> None:
        slot = slot_of(self._clock.now())
        async for book_id in list_books(self._apart, lambda first: BOOKS_LEFT(first=first, job=JOB, slot=slot)):
            now = self._clock.now()
            if await runs.claim(self._apart, book_id, JOB, slot, now, LEASE):
                problem = await self._prove(book_id)
                await runs.finish(self._apart, book_id, JOB, slot, problem)

    async def _prove(self, book_id: UUID) -> str | None:
        """Whatever stops one proof does not stop the others. A book that differs is proven: another proof would find the same."""
        steps: list[Step] = []
        try:
            verdict = await self._proof.of_book(book_id, steps.append)
        except NotVisible:
            # It was erased meanwhile.
            return None
        except Exception as error:  # noqa: BLE001 - the next book must have its turn
            log("book_not_proven", level="error", error=error, book_id=str(book_id))
            return type(error).__name__
        self._tell(book_id, verdict, [step for step in steps if isinstance(step, Finding)])
        return None

    def _tell(self, book_id: UUID, verdict: Verdict, named: list[Finding]) -> None:
        self._proven.inc()
        if not verdict.differences:
            return
        kinds = Counter(_name(finding.kind) for finding in named)
        for kind, count in kinds.items():
            self._differences.labels(kind).inc(count)
        # No amounts: only where to look.
        log(
            "book_differs",
            level="error",
            book_id=str(book_id),
            differences=verdict.differences,
            kinds=dict(kinds),
            first=[f"{_name(finding.kind)} {finding.what} {finding.subject}" for finding in named[:LOGGED_MAX]],
        )


def slot_of(now: datetime) -> date:
    return (now.astimezone(UTC) - NIGHT_BEGINS).date()


def _name(kind: DifferenceKind.ValueType) -> str:
    return DifferenceKind.Name(kind).removeprefix("DIFFERENCE_KIND_").lower()
