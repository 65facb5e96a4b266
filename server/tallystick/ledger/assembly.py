"""How do the ledger's parts come together, and which jobs does it have?"""

from prometheus_client import CollectorRegistry

from tallystick.config import Config
from tallystick.jobs.ticker import Ticker
from tallystick.ledger.proof.job import ProofJob
from tallystick.ledger.proof.proving import Proof
from tallystick.ledger.rates.ecb import EcbRates
from tallystick.ledger.rates.job import RATES_EVERY_S, RateJob
from tallystick.ledger.service import LedgerService
from tallystick.ledger.templates.job import TemplateJob
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store

TEMPLATES_EVERY_S = 20.0
# What was done tonight, by whichever server, is not done again: this only looks whether it was.
PROOF_EVERY_S = 900.0
_PROVIDERS = {"ecb": [EcbRates()], "off": []}


class Ledger:
    """Books and the money in them."""

    def __init__(
        self, config: Config, store: Store, apart: Apart, pages: Pages, proof: Proof, registry: CollectorRegistry
    ) -> None:
        self.service = LedgerService(store, pages, apart, proof)
        self._templates = TemplateJob(store, apart)
        self._rates = RateJob(apart, _PROVIDERS[config.rates], store.clock)
        self._proofs = ProofJob(proof, apart, store.clock, registry)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("post_templates", TEMPLATES_EVERY_S, self._templates.run)
        ticker.every("fetch_rates", RATES_EVERY_S, self._rates.run)
        ticker.every("prove_books", PROOF_EVERY_S, self._proofs.run)
