"""What UpdatePaymentMethod promises."""

from rpc.ledger.labels import PAYMENT_METHODS, UpdateLabel


class TestUpdatePaymentMethod(UpdateLabel):
    kind = PAYMENT_METHODS
