"""How do two categories become one? In slices, because a commit holds only so many changes; the last one hides the category."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.ledger.categories.queries import get_with_tree
from tallystick.ledger.categories.queries_uses import Uses, has_hidden_uses, list_uses
from tallystick.ledger.categories.rules import in_use, require_merge, require_same_kind, with_other_category
from tallystick.ledger.slices import SLICE_MAX, write_in_slices
from tallystick.ledger.tables import CATEGORY
from tallystick.ledger.transactions.posting import Step, post
from tallystick.store.command import MoreThanOneCommit
from tallystick.store.store import Command, Store
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_categories_pb2 import MergeCategoriesRequest, MergeCategoriesResponse
from tallystick.v1.ledger_pb2 import Category


async def merge_categories(store: Store, caller: Caller, request: MergeCategoriesRequest) -> MergeCategoriesResponse:
    def finish(done: Sequence[MergeCategoriesResponse]) -> Command[MergeCategoriesRequest, MergeCategoriesResponse]:
        return partial(_merge_rest, changed_before=sum(part.transactions_changed for part in done))

    return await write_in_slices(store, caller, request.book_id, request, _merge_part, finish, MergeCategoriesResponse)


async def _merge_part(tx: WriteTx, request: MergeCategoriesRequest) -> MergeCategoriesResponse:
    source, target = await _get_both(tx, request)
    uses = await list_uses(tx, UUID(source.id), SLICE_MAX)
    await _give_other_category(tx, uses, source.id, target.id)
    return MergeCategoriesResponse(category=target, transactions_changed=len(uses.transactions))


async def _merge_rest(tx: WriteTx, request: MergeCategoriesRequest, *, changed_before: int) -> MergeCategoriesResponse:
    source, target = await _get_both(tx, request)
    if await has_hidden_uses(tx, UUID(source.id)):
        raise in_use()
    uses = await list_uses(tx, UUID(source.id), SLICE_MAX + 1)
    if len(uses.transactions) + len(uses.others) > SLICE_MAX:
        raise MoreThanOneCommit
    await _give_other_category(tx, uses, source.id, target.id)
    tx.delete(CATEGORY, source)
    return MergeCategoriesResponse(category=target, transactions_changed=changed_before + len(uses.transactions))


async def _get_both(tx: WriteTx, request: MergeCategoriesRequest) -> tuple[Category, Category]:
    source_id, target_id = UUID(request.category_id), UUID(request.into_category_id)
    (source, target), tree = await get_with_tree(tx, source_id, target_id)
    require_same_kind("into_category_id", target, source.kind)
    require_merge(tree, source_id, target_id)
    return source, target


async def _give_other_category(tx: WriteTx, uses: Uses, source_id: str, target_id: str) -> None:
    steps = [Step(before, with_other_category(before, source_id, target_id)) for before in uses.transactions]
    await post(tx, steps)
    for entity, before in uses.others:
        tx.put(entity, before, with_other_category(before, source_id, target_id))
