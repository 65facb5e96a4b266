"""What CreateTag promises."""

from rpc.ledger.labels import TAGS, CreateLabel


class TestCreateTag(CreateLabel):
    kind = TAGS
