"""What ListTags promises."""

from rpc.ledger.labels import TAGS, ListLabels


class TestListTags(ListLabels):
    kind = TAGS
