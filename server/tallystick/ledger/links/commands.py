"""What shall happen to the links of a book? Those of the writing calls that take one commit, run inside the write door."""

from uuid import UUID

from tallystick import masks
from tallystick.errors import InvalidInput, NotVisible, Stale
from tallystick.ledger.categories.rules import require_not_archived, require_same_kind
from tallystick.ledger.links import rules, writes
from tallystick.ledger.links.queries import ACTIVE, LINKS, made_accounts
from tallystick.ledger.nouns.commands import begin_update
from tallystick.ledger.rules import canonical
from tallystick.ledger.tables import CATEGORY, GROUP_LINK
from tallystick.ledger.transactions.references import ACCOUNTS, CATEGORIES
from tallystick.merging import changed_fields
from tallystick.store.tx import WriteTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_links_pb2 import GroupLink, UpdateGroupLinkRequest, UpdateGroupLinkResponse
from tallystick.v1.ledger_pb2 import CategoryKind


async def update_group_link(tx: WriteTx, request: UpdateGroupLinkRequest) -> UpdateGroupLinkResponse:
    update = await begin_update(tx, LINKS, request)
    before, after = update.before, update.after
    make_canonical(after)
    changing = changed_fields(before, after)
    if masks.is_stale(changing, update.changed_since):
        raise Stale(current_version=before.version)
    await require_usable(tx, before, after)
    # What somebody stopped may go on by them alone: others would look into a group of theirs.
    if before.state != ACTIVE and before.user_id == str(tx.caller.user_id):
        begin(tx, after)
    else:
        tx.beside(writes.FOLLOW_AT_ONCE(of_space=tx.space_id, of_link=UUID(after.id)))
    if not changed_fields(before, after):
        return UpdateGroupLinkResponse(link=before)
    return UpdateGroupLinkResponse(link=tx.put(GROUP_LINK, before, after))


def begin(tx: WriteTx, link: GroupLink) -> None:
    """From the beginning. What is in the book already is found there by its ids."""
    link.state, link.problem = ACTIVE, ""
    tx.beside(
        writes.FOLLOW_FROM_THE_BEGINNING(
            of_space=tx.space_id, of_link=UUID(link.id), of_group=UUID(link.group_id), user_id=UUID(link.user_id)
        )
    )


def make_canonical(link: GroupLink) -> None:
    link.paid_from_account_id = canonical(link.paid_from_account_id)
    link.default_category_id = canonical(link.default_category_id)
    rules.require_names_once(link.categories)
    for each in link.categories:
        each.name, each.category_id = each.name.strip(), canonical(each.category_id)


async def require_usable(tx: WriteTx, before: GroupLink, after: GroupLink) -> None:
    """What the link names newly is there, and categories are for spending. What it names already may stay as it is."""
    kept = {before.default_category_id, *(each.category_id for each in before.categories)}
    named = [("default_category_id", after.default_category_id)] if after.default_category_id else []
    named += [(f"categories[{index}].category_id", each.category_id) for index, each in enumerate(after.categories)]
    new = [(field, category_id) for field, category_id in named if category_id not in kept]
    account_id = after.paid_from_account_id
    has_new_account = account_id not in ("", before.paid_from_account_id)
    accounts, categories = await tx.fetch_all(
        ACCOUNTS(space_id=tx.space_id, ids=[UUID(account_id)] if has_new_account else []),
        CATEGORIES(space_id=tx.space_id, ids=[UUID(each) for _, each in new]),
    )
    if has_new_account:
        if not accounts:
            raise NotVisible
        if UUID(account_id) in made_accounts(after):
            raise InvalidInput.of_field(
                "paid_from_account_id", "was made for the link", ErrorReason.ERROR_REASON_SAME_ACCOUNT
            )
    found = {str(row[0]): tx.open(CATEGORY, (row[0], row[1], row[2])) for row in categories}
    for field, category_id in new:
        if category_id not in found:
            raise NotVisible
        require_same_kind(field, found[category_id], CategoryKind.CATEGORY_KIND_EXPENSE)
        require_not_archived(found[category_id])
