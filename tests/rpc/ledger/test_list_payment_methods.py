"""What ListPaymentMethods promises."""

from rpc.ledger.labels import PAYMENT_METHODS, ListLabels


class TestListPaymentMethods(ListLabels):
    kind = PAYMENT_METHODS
