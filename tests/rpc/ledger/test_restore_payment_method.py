"""What RestorePaymentMethod promises."""

from rpc.ledger.labels import PAYMENT_METHODS, RestoreLabel


class TestRestorePaymentMethod(RestoreLabel):
    kind = PAYMENT_METHODS
