"""Which categories, payees, tags and accounts does an item of a budget count, and what must be read for that?"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.budgets.allotting import Wants
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.queries import Sight
from tallystick.ledger.spending.rules import Side, side_of_category, with_below
from tallystick.v1.budget_items_pb2 import BudgetItem


def wants_of(item: BudgetItem, sight: Sight) -> Wants:
    categories = [UUID(each) for each in item.category_ids]
    below = frozenset[UUID]() if item.without_children else with_below(sight.parents, categories)
    return Wants(
        # Also one that is gone: an item without any would count everything.
        below.union(categories),
        frozenset(UUID(each) for each in item.payee_ids),
        frozenset(UUID(each) for each in item.tag_ids),
        frozenset(UUID(each) for each in item.account_ids),
    )


def categories_for(wanted: Sequence[Wants], sight: Sight, *, is_envelope: bool) -> frozenset[UUID]:
    """The categories whose entries can matter; the nil UUID for what has none. Of envelopes all do: also what comes in, and what is spent
    on nothing that was planned."""
    if is_envelope:
        return frozenset({*sight.kinds, NO_CATEGORY})
    named = frozenset[UUID]().union(*(wants.category_ids for wants in wanted))
    has_any = any(not wants.category_ids for wants in wanted)
    spending = (each for each, kind in sight.kinds.items() if side_of_category(kind) is Side.SPENT)
    found = frozenset(each for each in spending if has_any or each in named)
    # What names payees or tags finds its entries by them.
    has_none = any(not (wants.category_ids or wants.payee_ids or wants.tag_ids) for wants in wanted)
    return found | {NO_CATEGORY} if has_none else found
