"""Which of the ledger's commands may wait in an outbox, and of which of its entities do devices hold copies?"""

from tallystick.ledger import tables
from tallystick.ledger.accounts import commands as accounts
from tallystick.ledger.accounts import commands_reconciling as reconciling
from tallystick.ledger.books import commands as books
from tallystick.ledger.categories import commands as categories
from tallystick.ledger.categories.merging import merge_categories
from tallystick.ledger.filling import commands as filling
from tallystick.ledger.labels import commands as labels
from tallystick.ledger.links import commands as links
from tallystick.ledger.links.linking import link_group, link_in_one_commit
from tallystick.ledger.links.unlinking import unlink, unlink_group
from tallystick.ledger.rates import commands as rates
from tallystick.ledger.templates import commands as templates
from tallystick.ledger.transactions import commands as transactions
from tallystick.ledger.transactions.together import create_transactions
from tallystick.store.command import Command, MoreThanOneCommit, commands_in
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_accounts_pb2 import ReconcileAccountRequest, ReconcileAccountResponse
from tallystick.v1.ledger_categories_pb2 import MergeCategoriesRequest, MergeCategoriesResponse
from tallystick.v1.ledger_links_pb2 import (
    LinkGroupToBookRequest,
    LinkGroupToBookResponse,
    UnlinkGroupRequest,
    UnlinkGroupResponse,
)

ENTITIES = (
    tables.BOOK,
    tables.ACCOUNT,
    tables.CATEGORY,
    tables.PAYEE,
    tables.PAYMENT_METHOD,
    tables.TAG,
    tables.TRANSACTION,
    tables.RECONCILIATION,
    tables.TEMPLATE,
    tables.RATE,
    tables.RULE,
    tables.GROUP_LINK,
)


async def _merge_in_one_commit(tx: WriteTx, request: MergeCategoriesRequest) -> MergeCategoriesResponse:
    raise MoreThanOneCommit


COMMANDS = (
    *commands_in(
        *(accounts, books, categories, filling, labels, links, rates, templates, transactions),
        together={"create_transaction": create_transactions},
    ),
    Command(
        "reconcile_account",
        ReconcileAccountRequest,
        ReconcileAccountResponse,
        reconciling.reconcile_account,
        alone=reconciling.reconcile,
    ),
    Command(
        "merge_categories",
        MergeCategoriesRequest,
        MergeCategoriesResponse,
        _merge_in_one_commit,
        alone=merge_categories,
    ),
    Command(
        "link_group_to_book",
        LinkGroupToBookRequest,
        LinkGroupToBookResponse,
        link_in_one_commit,
        alone=link_group,
    ),
    Command("unlink_group", UnlinkGroupRequest, UnlinkGroupResponse, unlink_group, alone=unlink),
)
