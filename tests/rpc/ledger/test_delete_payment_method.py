"""What DeletePaymentMethod promises."""

from rpc.ledger.labels import PAYMENT_METHODS, DeleteLabel


class TestDeletePaymentMethod(DeleteLabel):
    kind = PAYMENT_METHODS
