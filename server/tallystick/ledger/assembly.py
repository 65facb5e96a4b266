"""How do the ledger's parts come together, and which jobs does it have?"""

from prometheus_client import CollectorRegistry

from tallystick.config import Config
from tallystick.jobs.ticker import Ticker
from tallystick.ledger.links.job import FollowJob
from tallystick.ledger.proof.proving import BookProof
from tallystick.ledger.rates.ecb import EcbRates
from tallystick.ledger.rates.job import RATES_EVERY_S, RateJob
from tallystick.ledger.service import LedgerService
from tallystick.ledger.templates.job import TemplateJob
from tallystick.proof.job import PROOF_EVERY_S, ProofJob
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.space_pb2 import SpaceKind

TEMPLATES_EVERY_S = 20.0
_PROVIDERS = {"ecb": [EcbRates()], "off": []}


class Ledger:
    """Books and the money in them."""

    def __init__(
        self, config: Config, store: Store, apart: Apart, pages: Pages, proof: BookProof, registry: CollectorRegistry
    ) -> None:
        self.service = LedgerService(store, pages, apart, proof)
        self._templates = TemplateJob(store, apart)
        self.follows = FollowJob(store, apart)
        self._rates = RateJob(apart, _PROVIDERS[config.rates], store.clock)
        self._proofs = ProofJob("book", SpaceKind.SPACE_KIND_BOOK, proof, apart, store.clock, registry)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("post_templates", TEMPLATES_EVERY_S, self._templates.run)
        ticker.every("fetch_rates", RATES_EVERY_S, self._rates.run)
        ticker.every("prove_books", PROOF_EVERY_S, self._proofs.run)
