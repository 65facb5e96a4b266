"""What will the templates of a book still post until a day, and where does it belong in a budget?"""

from collections.abc import Iterator
from uuid import UUID

from tallystick.budgets.allotting import Seen
from tallystick.budgets.figures.placing import Places
from tallystick.budgets.periods import Span
from tallystick.ledger.spending.queries import Sight
from tallystick.ledger.spending.rules import side_of_kind
from tallystick.ledger.templates.queries import list_with_next_by
from tallystick.ledger.templates.rules import waiting
from tallystick.ledger.transactions.rules import EXPENSE, REFUND
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import TransactionDraft

# It is in one period, whatever place that has among others.
SCHEDULED = 0
# Every day of the longest period that there can be.
_OCCURRENCES_MAX = 30_000


async def read_scheduled(tx: ReadTx, sight: Sight, places: Places, span: Span) -> Places:
    """What is neither posted nor skipped, of those that are not paused: whether the server posts it or somebody has to."""
    scheduled = places.empty()
    for template in await list_with_next_by(tx, span.until_on):
        parts = [*_parts(template.draft, sight)]
        if template.paused or not parts:
            continue
        days = [occurrence.booked_on for occurrence in waiting(template, span.until_on, None, _OCCURRENCES_MAX)]
        for day in days:
            if span.from_on <= day <= span.until_on:
                for seen, minor in parts:
                    scheduled.of(seen, side_of_kind(template.draft.kind)).add(SCHEDULED, day.toordinal(), minor)
    return scheduled


def _parts(draft: TransactionDraft, sight: Sight) -> Iterator[tuple[Seen, int]]:
    """What is posted on accounts that the caller sees, as entries have it: spending below zero."""
    if draft.kind not in {EXPENSE, REFUND}:
        return
    sign = -1 if draft.kind == EXPENSE else 1
    payee_id, tag_ids = _id(draft.payee_id), frozenset(UUID(each) for each in draft.tag_ids)
    lines = [(each.account_id, each.category_id, each.amount.minor) for each in draft.splits]
    for account_id, category_id, minor in lines or [("", draft.category_id, draft.amount.minor)]:
        account = UUID(account_id or draft.account_id)
        if account in sight.accounts:
            yield Seen(account, _id(category_id), payee_id, tag_ids), sign * minor


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None
