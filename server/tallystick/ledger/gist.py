"""What does a search over all transactions of a book need of each? Its amount and its words, packed small.

Amounts are sealed, so the database can neither order nor filter by them. A search opens one small cell a transaction instead of the
whole body.
"""

from tallystick.currencies import EXPONENTS
from tallystick.ledger.folding import folded
from tallystick.v1.ledger_pb2 import Transaction, TransactionKind
from tallystick.v1.money_pb2 import Money

# Wide enough for 64 bits of a currency without decimals, counted in the smallest unit of one with the most.
AMOUNT_BYTES = 12
_DECIMALS_MAX = max(EXPONENTS.values())


def magnitude_of(transaction: Transaction) -> Money:
    """How much a transaction is about, above zero: what was spent, earned or given back; of a transfer, what leaves."""
    if transaction.kind == TransactionKind.TRANSACTION_KIND_TRANSFER:
        leaving = transaction.entries[0].amount
        return Money(currency=leaving.currency, minor=-leaving.minor)
    minor = abs(sum(entry.amount.minor for entry in transaction.entries))
    return Money(currency=transaction.entries[0].amount.currency, minor=minor)


def comparable(amount: Money) -> int:
    """An amount as a number that can be compared with those of other currencies: by their numbers, not by their worth."""
    scale: int = 10 ** (_DECIMALS_MAX - EXPONENTS[amount.currency])
    return amount.minor * scale


def compose_gist(transaction: Transaction) -> bytes:
    words = (transaction.payee, transaction.note, *(entry.note for entry in transaction.entries))
    return pack(comparable(magnitude_of(transaction)), folded("\n".join(word for word in words if word)))


def pack(amount: int, words: str) -> bytes:
    return amount.to_bytes(AMOUNT_BYTES) + words.encode()


def amount_of(gist: bytes) -> int:
    return int.from_bytes(gist[:AMOUNT_BYTES])


def has_words(gist: bytes, needle: bytes) -> bool:
    """Whether the folded words hold the folded needle."""
    return gist.find(needle, AMOUNT_BYTES) >= 0
