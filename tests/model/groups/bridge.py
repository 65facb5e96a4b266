"""Does a book that follows a group hold what the model says: what is open with the group, and the member's own shares as spending?"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple, Protocol

from model.groups.state import COUNTING, EXPENSE, GIVEN, REFUND, Party
from model.walk import Desk, Mismatch
from people import Refusal, new_id
from tallystick_client.v1 import ledger_links_pb2 as links
from tallystick_client.v1.group_expenses_pb2 import Expense
from tallystick_client.v1.group_settlements_pb2 import Settlement
from tallystick_client.v1.ledger_links_pb2 import GroupLink, GroupLinkState, LinkedCategory
from tallystick_client.v1.ledger_pb2 import TransactionKind
from tallystick_client.v1.ledger_service_pb2 import GetAccountBalanceRequest, ListTransactionsRequest

# By then somebody who held the link and was killed is given up.
CAUGHT_UP_IN_S = 30.0
NUDGE_AFTER_S = 1.0
SPENDING = (TransactionKind.TRANSACTION_KIND_EXPENSE, TransactionKind.TRANSACTION_KIND_REFUND)

# By what it was for, category and currency.
Spent = dict[tuple[str, str, str], int]


class Linked(NamedTuple):
    """Somebody's book that follows the group."""

    user: str
    book_id: str
    account_id: str
    link_id: str
    # The group's words, and what is spent of them in the book.
    categories: Mapping[str, str]
    other_id: str


async def link(
    desk: Desk, user: str, group_id: str, book_id: str, account_id: str, categories: Sequence[str]
) -> Linked:
    """Three categories: of two of the group's words, and of all else."""
    food, fun, other = categories
    asked = links.LinkGroupToBookRequest(
        request_id=new_id(),
        book_id=book_id,
        group_id=group_id,
        paid_from_account_id=account_id,
        categories=[
            LinkedCategory(name=" Food", category_id=food),
            LinkedCategory(name="fun", category_id=fun),
        ],
        default_category_id=other,
    )
    made = await desk.call(user, "LinkGroupToBook", asked)
    return Linked(user, book_id, account_id, made.link.id, {"food": food, "fun": fun}, other)


def spent_by(party: Party, member_id: str, linked: Linked) -> Spent:
    """Their own shares, and what they took over or let go without being paid."""
    found: Spent = {}
    for each in party.live.values():
        if isinstance(each, Expense) and each.kind in (EXPENSE, REFUND):
            category = linked.categories.get(each.category.strip().casefold(), linked.other_id)
            is_converted = each.HasField("conversion")
            currency = (each.conversion.amount if is_converted else each.amount).currency
            bore = sum(
                share.converted_owed_minor if is_converted else share.owed_minor
                for share in each.shares
                if share.member_id == member_id
            )
            minor = bore if each.kind == EXPENSE else -bore
        elif isinstance(each, Settlement) and each.kind in GIVEN and each.to_member_id == member_id:
            category, currency = linked.other_id, each.amount.currency
            minor = each.amount.minor if each.state in COUNTING else 0
        else:
            continue
        found[each.id, category, currency] = minor
    return {key: minor for key, minor in found.items() if minor}


class Keeper(Desk, Protocol):
    """Where calls are made by those who keep books."""

    async def wait_for_books(self) -> None:
        """Gives books time to follow."""

    async def verify_book(self, linked: Linked) -> None:
        """Holds a book to the server's own proof of it."""


class Bridge:
    """One book that is held against the model."""

    def __init__(self, desk: Keeper, party: Party, linked: Linked) -> None:
        self._desk, self._party, self._linked = desk, party, linked

    async def look(self) -> None:
        """Whoever left has what they saw last: the group as they left it."""
        member = self._party.member_of(self._linked.user)
        assert member is not None
        is_in = bool(self._party.role_of(self._linked.user))
        seen = self._party if is_in else self._party.at(member.version)
        followed = await self._followed(is_in=is_in)
        await self._compare_balances(seen, followed, member.id)
        await self._compare_spending(seen, followed, member.id)

    async def _followed(self, *, is_in: bool) -> GroupLink:
        asked = links.GetGroupLinkRequest(book_id=self._linked.book_id, link_id=self._linked.link_id)
        began = nudged = monotonic()
        while (now := monotonic()) < began + CAUGHT_UP_IN_S:
            said = await self._desk.call(self._linked.user, "GetGroupLink", asked)
            self._require(not isinstance(said, Refusal), "a link", said)
            self._require(said.group_version == self._party.seq, f"version {self._party.seq}", said)
            is_active = said.link.state == GroupLinkState.GROUP_LINK_STATE_ACTIVE
            self._require(is_active or not is_in, "an active link", said)
            if not is_active or (is_in and said.followed_version >= said.group_version):
                followed: GroupLink = said.link
                return followed
            if now > nudged + NUDGE_AFTER_S:
                await self._nudge(said.link)
                nudged = now
            await self._desk.wait_for_books()
        raise Mismatch(f"book {self._linked.book_id} is behind still after {CAUGHT_UP_IN_S} s\n{said}")

    async def _nudge(self, now: GroupLink) -> None:
        """What a server that was killed had leased is followed at once when the link changes. What is in the book stays as it is."""
        account_id = "" if now.paid_from_account_id else self._linked.account_id
        asked = links.UpdateGroupLinkRequest(
            request_id=new_id(),
            book_id=self._linked.book_id,
            link_id=self._linked.link_id,
            paid_from_account_id=account_id,
        )
        asked.update_mask.paths.append("paid_from_account_id")
        await self._desk.call(self._linked.user, "UpdateGroupLink", asked)

    async def _compare_balances(self, seen: Party, followed: GroupLink, member_id: str) -> None:
        held = {}
        for each in followed.accounts:
            asked = GetAccountBalanceRequest(book_id=self._linked.book_id, account_id=each.receivable_account_id)
            if each.receivable_account_id:
                said = await self._desk.call(self._linked.user, "GetAccountBalance", asked)
                held[each.currency] = said.balance.balance.minor
        nets = {currency: each[member_id] for currency, each in seen.nets().items() if member_id in each}
        self._require({key: minor for key, minor in held.items() if minor} == nets, f"open: {nets}", held)

    async def _compare_spending(self, seen: Party, followed: GroupLink, member_id: str) -> None:
        spent: Spent = {}
        asked = ListTransactionsRequest(book_id=self._linked.book_id, page_size=200)
        while True:
            said = await self._desk.call(self._linked.user, "ListTransactions", asked)
            for transaction in said.transactions:
                if transaction.link_id == followed.id and transaction.kind in SPENDING:
                    for entry in transaction.entries:
                        key = transaction.followed_id, entry.category_id, entry.amount.currency
                        spent[key] = spent.get(key, 0) - entry.amount.minor
            asked.page_token = said.next_page_token
            if not said.next_page_token:
                break
        wanted, missing = spent_by(seen, member_id, self._linked), {}
        for key in {*wanted, *spent}:
            if wanted.get(key, 0) != spent.get(key, 0):
                missing[key] = self._party.history[key[0]]
        self._require(not missing, f"spent: {wanted}", f"{spent}\n-- where it differs\n{missing}")

    def _require(self, holds: bool, wanted: str, said: Any) -> None:
        if not holds:
            raise Mismatch(
                f"book {self._linked.book_id}, at seq {self._party.seq}\n-- wanted\n{wanted}\n-- said\n{said}"
            )
