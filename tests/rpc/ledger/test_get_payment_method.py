"""What GetPaymentMethod promises."""

from rpc.ledger.labels import PAYMENT_METHODS, GetLabel


class TestGetPaymentMethod(GetLabel):
    kind = PAYMENT_METHODS
