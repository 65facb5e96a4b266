"""What CreatePaymentMethod promises."""

from rpc.ledger.labels import PAYMENT_METHODS, CreateLabel


class TestCreatePaymentMethod(CreateLabel):
    kind = PAYMENT_METHODS
