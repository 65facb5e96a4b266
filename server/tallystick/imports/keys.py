"""By what is a row known, so that it is imported once? Pure.

By what the bank calls it. A row without such a name is known by everything else: account, day, amount, payee, and how many of the same
stood before it on that day, so that two equal coffees are two. It is the same in every export that holds the whole day, wherever the
export begins and ends. It is made with a secret of the space: a plain hash would let anybody with the database try out payments.
"""

import hashlib
import hmac
from uuid import UUID

from tallystick.imports.reading.lines import Line
from tallystick.ledger.folding import folded
from tallystick.v1.import_rows_pb2 import ImportRow

SECRET_BYTES = 32
_DIGEST_BYTES = 20
_PREFIX = "ts1-"
# As long as the contract lets an import key be.
_KEY_CHARS_MAX = 200


def is_made_here(key: str) -> bool:
    """Whether a key is one of ours, and none of a bank."""
    return key.startswith(_PREFIX)


class Keys:
    """Names the rows of one file, in their order."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._seen: dict[bytes, int] = {}

    def of_bank(self, line: Line) -> str:
        """What the bank calls it. Empty: nothing that can be kept."""
        return line.bank_id if len(line.bank_id) <= _KEY_CHARS_MAX and not is_made_here(line.bank_id) else ""

    def made(self, account_id: str, line: Line) -> str:
        """The name of a row that has none, or none of its own. Each call counts."""
        who = folded(line.payee or line.note)
        return self._name(
            *(str(UUID(account_id)), line.day.isoformat(), str(line.amount.minor), line.amount.currency),
            *(who, line.bank_id),
        )

    def shared(self, group_id: str, row: ImportRow) -> str:
        """The same of a row of what a group shares: by whom it moves how far. Who somebody is may be called otherwise in the next export,
        and the category is in the language of whoever exported."""
        nets = ",".join(f"{each.member_id} {each.minor}" for each in row.nets)
        return self._name(
            *(group_id, "payment" if row.payment else "expense", row.booked_on, str(row.amount.minor)),
            *(row.amount.currency, folded(row.payee), nets),
        )

    def _name(self, *parts: str) -> str:
        content = hashlib.sha256("\0".join(parts).encode()).digest()
        ordinal = self._seen[content] = self._seen.get(content, 0) + 1
        digest = hmac.digest(self._secret, content + ordinal.to_bytes(4), "sha256")
        return _PREFIX + digest[:_DIGEST_BYTES].hex()
