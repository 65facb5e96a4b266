"""What GetPayee promises."""

from rpc.ledger.labels import PAYEES, GetLabel


class TestGetPayee(GetLabel):
    kind = PAYEES
