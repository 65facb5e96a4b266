"""What DeletePayee promises."""

from rpc.ledger.labels import PAYEES, DeleteLabel


class TestDeletePayee(DeleteLabel):
    kind = PAYEES
