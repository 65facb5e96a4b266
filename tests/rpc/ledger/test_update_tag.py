"""What UpdateTag promises."""

from rpc.ledger.labels import TAGS, UpdateLabel


class TestUpdateTag(UpdateLabel):
    kind = TAGS
