"""How do the calls of all nouns make one service?"""

from tallystick.ledger.accounts.service import AccountCalls
from tallystick.ledger.books.service import BookCalls
from tallystick.ledger.categories.service import CategoryCalls
from tallystick.ledger.filling.service import RuleCalls
from tallystick.ledger.labels.service import LabelCalls
from tallystick.ledger.links.service import LinkCalls
from tallystick.ledger.proof.proving import BookProof
from tallystick.ledger.proof.service import ProofCalls
from tallystick.ledger.rates.service import RateCalls
from tallystick.ledger.templates.service import TemplateCalls
from tallystick.ledger.transactions.service import TransactionCalls
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
    LinkCalls,
    ProofCalls,
    LedgerServiceServicer,
):
    """Books and the money in them."""

    def __init__(self, store: Store, pages: Pages, apart: Apart, proof: BookProof) -> None:
        self._store = store
        self._apart = apart
        self._proof = proof
        self._pages = pages
