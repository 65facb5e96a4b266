"""How do the calls of all nouns make one service?"""

from tallystick.ledger.proof import Proof
from tallystick.ledger.service_accounts import AccountCalls
from tallystick.ledger.service_books import BookCalls
from tallystick.ledger.service_categories import CategoryCalls
from tallystick.ledger.service_labels import LabelCalls
from tallystick.ledger.service_proof import ProofCalls
from tallystick.ledger.service_rates import RateCalls
from tallystick.ledger.service_rules import RuleCalls
from tallystick.ledger.service_templates import TemplateCalls
from tallystick.ledger.service_transactions import TransactionCalls
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_service_pb2_grpc import LedgerServiceServicer


class LedgerService(
    BookCalls,
    AccountCalls,
    CategoryCalls,
    LabelCalls,
    TransactionCalls,
    TemplateCalls,
    RateCalls,
    RuleCalls,
    ProofCalls,
    LedgerServiceServicer,
):
    """Books and the money in them."""

    def __init__(self, store: Store, pages: Pages, apart: Apart, proof: Proof) -> None:
        self._store = store
        self._apart = apart
        self._proof = proof
        self._pages = pages
