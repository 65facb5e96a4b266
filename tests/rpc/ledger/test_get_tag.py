"""What GetTag promises."""

from rpc.ledger.labels import TAGS, GetLabel


class TestGetTag(GetLabel):
    kind = TAGS
