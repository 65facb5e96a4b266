"""What DeleteTag promises."""

from rpc.ledger.labels import TAGS, DeleteLabel


class TestDeleteTag(DeleteLabel):
    kind = TAGS
