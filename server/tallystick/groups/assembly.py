"""How do the parts of groups come together, and which jobs do they have?"""

from prometheus_client import CollectorRegistry

from tallystick.groups.proof.proving import GroupProof
from tallystick.groups.recurring.job import RecurringJob
from tallystick.groups.service import GroupService
from tallystick.jobs.ticker import Ticker
from tallystick.proof.job import PROOF_EVERY_S, ProofJob
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.space_pb2 import SpaceKind

RECURRING_EVERY_S = 20.0


class Groups:
    """Groups, their shared expenses, balances and settlements."""

    def __init__(
        self, store: Store, apart: Apart, pages: Pages, proof: GroupProof, registry: CollectorRegistry
    ) -> None:
        self.service = GroupService(store, pages, apart, proof)
        self._proofs = ProofJob("group", SpaceKind.SPACE_KIND_GROUP, proof, apart, store.clock, registry)
        self._recurring = RecurringJob(store, apart)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("post_recurring_expenses", RECURRING_EVERY_S, self._recurring.run)
        ticker.every("prove_groups", PROOF_EVERY_S, self._proofs.run)
