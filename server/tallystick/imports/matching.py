"""Which transaction of the book is a row, if it was not imported under the same name? Pure.

Each transaction is at most one row: of two equal coffees in the file and one in the book, one is new.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tallystick.imports.keys import is_made_here
from tallystick.imports.reading.lines import Line
from tallystick.ledger.folding import folded
from tallystick.v1.import_rows_pb2 import ImportConfidence, ImportMatch, ImportMatchReason

# A card's payment is booked days after it was made, and people write down when they paid.
DAYS_MAX = 4

AMOUNT = ImportMatchReason.IMPORT_MATCH_REASON_AMOUNT
SAME_DAY = ImportMatchReason.IMPORT_MATCH_REASON_SAME_DAY
NEAR_DAY = ImportMatchReason.IMPORT_MATCH_REASON_NEAR_DAY
PAYEE = ImportMatchReason.IMPORT_MATCH_REASON_PAYEE
POSSIBLE = ImportConfidence.IMPORT_CONFIDENCE_POSSIBLE
LIKELY = ImportConfidence.IMPORT_CONFIDENCE_LIKELY
CERTAIN = ImportConfidence.IMPORT_CONFIDENCE_CERTAIN

_WORD = re.compile(r"\w{3,}")
_SHARED_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A transaction of the book that moves the row's account by the row's amount."""

    transaction_id: UUID
    booked_on: date
    payee: str
    note: str
    # What it was imported under, on this account. Empty: somebody wrote it down.
    import_key: str


def best_match(line: Line, import_key: str, candidates: Sequence[Candidate]) -> ImportMatch | None:
    """The candidate that the row most probably is, if it may be one at all."""
    rated = [(rating, each) for each in candidates if (rating := _rate(line, import_key, each)) is not None]
    if not rated:
        return None
    (confidence, *_, reasons), best = max(
        rated, key=lambda pair: (pair[0][0], pair[0][1], -pair[0][2], pair[1].transaction_id)
    )
    return ImportMatch(transaction_id=str(best.transaction_id), confidence=confidence, reasons=reasons)


_Rating = tuple[ImportConfidence.ValueType, bool, int, list[ImportMatchReason.ValueType]]


def _rate(line: Line, import_key: str, candidate: Candidate) -> _Rating | None:
    days = abs((candidate.booked_on - line.day).days)
    alike = are_alike(line.payee, candidate.payee) or are_alike(line.note, candidate.payee)
    if days > DAYS_MAX:
        return None
    if candidate.import_key:
        # It is a row of some file. Of the same source it would have the same name; what it says of another day is something else.
        if days or (is_made_here(candidate.import_key) != is_made_here(import_key) and not alike):
            return None
        if not is_made_here(import_key) and not is_made_here(candidate.import_key):
            return None
    reasons = [AMOUNT, NEAR_DAY if days else SAME_DAY]
    if alike:
        reasons.append(PAYEE)
    confidence = LIKELY if alike or not days else POSSIBLE
    return confidence, alike, days, reasons


def are_alike(first: str, second: str) -> bool:
    """Whether two texts name the same payee: one holds the other, or they share most of their words."""
    one, other = folded(first), folded(second)
    if not one or not other:
        return False
    if one in other or other in one:
        return True
    words, others = set(_WORD.findall(one)), set(_WORD.findall(other))
    if not words or not others:
        return False
    return len(words & others) / min(len(words), len(others)) >= _SHARED_LEAST
