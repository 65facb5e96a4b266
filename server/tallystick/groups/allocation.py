"""How is an amount divided among people, to the last cent? By one rule, the same on every device.

What everybody bears is stored with the expense, and with it the number of the rule that made it: another rule would get another
number, and would change nothing that was divided before. sdk/vectors/allocations.json holds the cases for all languages.
"""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.groups.rules import Shares, require_amount

RULE_VERSION = 1


def allocate(amount_minor: int, weights: Mapping[UUID, int], expense_id: UUID) -> Shares:
    """Divides an amount in proportion to whole weights. The shares add up to it, and none is a whole unit away from the exact one.

    Each share is rounded towards zero, and the units that are left go to those who lost most by it. Of those who lost the same, which
    in an equal split are all, to those whose `lot` is least: the device that makes the id knows at once who that is, and over many
    expenses everybody has a turn. A negative amount is divided as the positive one.
    """
    require_amount("amount.minor", amount_minor)
    total = require_weights("weights", weights)
    size, sign = abs(amount_minor), -1 if amount_minor < 0 else 1
    shares: Shares = {}
    lost: dict[UUID, int] = {}
    for member_id in sorted(weights):
        shares[member_id], lost[member_id] = divmod(size * weights[member_id], total)
    left = size - sum(shares.values())
    if left:
        for member_id in sorted(lost, key=lambda each: (-lost[each], lot(expense_id, each)))[:left]:
            shares[member_id] += 1
    return {member_id: sign * share for member_id, share in shares.items()}


def require_weights(field: str, weights: Mapping[UUID, int]) -> int:
    """The sum of weights by which something can be divided."""
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise InvalidInput.of_field(field, "must not be below zero, and one must be above")
    return total


def lot(expense_id: UUID, member_id: UUID) -> bytes:
    """What somebody draws for an expense: SHA-256 of the 16 bytes of its id and the 16 bytes of theirs, compared byte by byte."""
    return sha256(expense_id.bytes + member_id.bytes).digest()


def rounded_up(amount_minor: int, weights: Mapping[UUID, int], shares: Mapping[UUID, int]) -> tuple[UUID, ...]:
    """Who bears more than their exact share: those to whom the units went that were left."""
    total = sum(weights.values())
    return tuple(each for each in shares if abs(shares[each]) * total > abs(amount_minor) * weights[each])
