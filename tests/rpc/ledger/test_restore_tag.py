"""What RestoreTag promises."""

from rpc.ledger.labels import TAGS, RestoreLabel


class TestRestoreTag(RestoreLabel):
    kind = TAGS
