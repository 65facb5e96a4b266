"""What ListPayees promises."""

from rpc.ledger.labels import PAYEES, ListLabels


class TestListPayees(ListLabels):
    kind = PAYEES
