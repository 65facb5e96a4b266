"""How does a test let a book follow a group? A person's book and group with a link between them, and what must hold of the two."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from circle import Circle, make_circle, money
from people import BookOf, Person, make_book, new_id
from tallystick.app import App
from tallystick.ledger.links.job import FollowJob
from tallystick_client.v1 import (
    group_balances_pb2,
    group_expenses_pb2,
    group_settlements_pb2,
    ledger_accounts_pb2,
    ledger_links_pb2,
    ledger_pb2,
    ledger_service_pb2,
    ledger_transactions_pb2,
)
from tallystick_client.v1.ledger_pb2 import Transaction

Kind = ledger_pb2.TransactionKind
EXPENSE, INCOME = Kind.TRANSACTION_KIND_EXPENSE, Kind.TRANSACTION_KIND_INCOME
TRANSFER, REFUND = Kind.TRANSACTION_KIND_TRANSFER, Kind.TRANSACTION_KIND_REFUND
ACTIVE = ledger_links_pb2.GroupLinkState.GROUP_LINK_STATE_ACTIVE
ENDED = ledger_links_pb2.GroupLinkState.GROUP_LINK_STATE_ENDED


@dataclass
class Linked:
    """A book that follows a group."""

    book: BookOf
    circle: Circle
    link: Any
    server: App
    categories: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self.book.person

    async def follow(self) -> int:
        """As the job does it, until there is nothing more to do."""
        return await FollowJob(self.server.store, self.server.apart).run()

    async def get(self) -> Any:
        request = ledger_links_pb2.GetGroupLinkRequest(book_id=self.book.id, link_id=self.link.id)
        return await self.person.ledger.GetGroupLink(request)

    async def transactions(self, **other: Any) -> list[Transaction]:
        found, token = list[Transaction](), ""
        while True:
            request = ledger_service_pb2.ListTransactionsRequest(
                book_id=self.book.id, page_size=200, page_token=token, **other
            )
            page = await self.person.ledger.ListTransactions(request)
            found += page.transactions
            token = page.next_page_token
            if not token:
                return found

    async def of(self, item_id: str) -> dict[str, Transaction]:
        """What followed an item, by kind; corrections of a kind that there is already are left out."""
        found: dict[str, Transaction] = {}
        for each in await self.transactions():
            if each.followed_id == item_id:
                found.setdefault(Kind.Name(each.kind).removeprefix("TRANSACTION_KIND_"), each)
        return found

    async def receivables(self) -> dict[str, int]:
        """What the receivable accounts hold, by currency; nothing where it is zero."""
        link = (await self.get()).link
        held = {each.currency: await self.holds(each.receivable_account_id) for each in link.accounts if each}
        return {currency: minor for currency, minor in held.items() if minor}

    async def holds(self, account_id: str) -> int:
        if not account_id:
            return 0
        request = ledger_service_pb2.GetAccountBalanceRequest(book_id=self.book.id, account_id=account_id)
        return int((await self.person.ledger.GetAccountBalance(request)).balance.balance.minor)

    async def nets(self) -> dict[str, int]:
        """What the member is owed in the group, by currency."""
        request = group_balances_pb2.GetBalancesRequest(group_id=self.circle.id)
        answer = await self.person.groups.GetBalances(request)
        mine = [each.net for each in answer.balances if each.member_id == self.link.member_id]
        return {net.currency: net.minor for net in mine if net.minor}

    async def spent(self) -> dict[str, int]:
        """What following has spent less what it has earned, by currency."""
        spent: Counter[str] = Counter()
        for each in await self.transactions():
            if each.link_id == self.link.id and each.kind != TRANSFER:
                spent[each.entries[0].amount.currency] -= sum(entry.amount.minor for entry in each.entries)
        return {currency: minor for currency, minor in spent.items() if minor}

    async def require_even(self) -> None:
        """The book holds what the group says."""
        assert await self.receivables() == await self.nets()
        found = await self.get()
        assert found.followed_version == found.group_version

    async def caught_up(self) -> None:
        await self.follow()
        await self.require_even()

    async def update(self, *paths: str, **fields: Any) -> Any:
        """Changes the link."""
        request = ledger_links_pb2.UpdateGroupLinkRequest(
            **{"request_id": new_id(), "book_id": self.book.id, "link_id": self.link.id} | fields
        )
        if paths:
            request.update_mask.CopyFrom(FieldMask(paths=paths))
        return (await self.person.ledger.UpdateGroupLink(request)).link

    async def unlink(self, *, keep: bool, **other: Any) -> Any:
        return (await self.person.ledger.UnlinkGroup(unlinking(self, keep=keep, **other))).link

    async def link_again(self, **other: Any) -> Any:
        request = linking(self.book, self.circle, **other)
        self.link = (await self.person.ledger.LinkGroupToBook(request)).link
        return self.link

    async def change(self, expense_id: str, **fields: Any) -> Any:
        """Changes an expense in the group."""
        paths = fields.pop("paths", [*fields])
        request = group_expenses_pb2.UpdateExpenseRequest(
            request_id=new_id(),
            group_id=self.circle.id,
            expense_id=expense_id,
            change=group_expenses_pb2.ExpenseDraft(**fields),
            update_mask=FieldMask(paths=paths),
        )
        return (await self.circle.person.groups.UpdateExpense(request)).expense

    async def call(self, rpc: str, expense_id: str, **fields: Any) -> Any:
        """Makes a writing call about one expense, such as DeleteExpense."""
        request = getattr(group_expenses_pb2, f"{rpc}Request")
        usual = {"request_id": new_id(), "group_id": self.circle.id, "expense_id": expense_id}
        return await getattr(self.circle.person.groups, rpc)(request(**usual | fields))

    async def settle(self, from_id: str, to_id: str, minor: int, currency: str = "EUR", **other: Any) -> Any:
        request = group_settlements_pb2.RecordSettlementRequest(
            request_id=new_id(),
            group_id=self.circle.id,
            from_member_id=from_id,
            to_member_id=to_id,
            amount=money(minor, currency),
            booked_on="2026-02-10",
            **other,
        )
        return (await self.circle.person.groups.RecordSettlement(request)).settlement

    async def describe(self, transaction: Transaction, **change: Any) -> Any:
        """Changes a transaction in the book, as its user does."""
        request = describing(transaction, self.book.id, **change)
        return (await self.person.ledger.UpdateTransaction(request)).transaction

    async def reconcile(self, account_id: str, **other: Any) -> None:
        """Covers all of an account with a statement."""
        currency = other.pop("currency", "EUR")
        request = ledger_accounts_pb2.ReconcileAccountRequest(
            request_id=new_id(),
            book_id=self.book.id,
            account_id=account_id,
            statement_balance=money(await self.holds(account_id), currency),
            statement_on="2030-01-01",
        )
        await self.person.ledger.ReconcileAccount(request)


def describing(transaction: Transaction, book_id: str, **change: Any) -> Any:
    return ledger_transactions_pb2.UpdateTransactionRequest(
        request_id=new_id(),
        book_id=book_id,
        transaction_id=transaction.id,
        change=ledger_pb2.TransactionDraft(**change),
        update_mask=FieldMask(paths=[*change]),
    )


def linking(book: BookOf, circle: Circle, **other: Any) -> ledger_links_pb2.LinkGroupToBookRequest:
    """A request to follow, paying in cash; whatever is given replaces the usual."""
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "book_id": book.id,
        "group_id": circle.id,
        "paid_from_account_id": book.account_id,
        "default_category_id": book.spending_id,
    }
    return ledger_links_pb2.LinkGroupToBookRequest(**usual | other)


def unlinking(linked: Linked, *, keep: bool, **other: Any) -> ledger_links_pb2.UnlinkGroupRequest:
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "book_id": linked.book.id,
        "link_id": linked.link.id,
        "keep_transactions": keep,
    }
    return ledger_links_pb2.UnlinkGroupRequest(**usual | other)


async def make_category(book: BookOf, name: str, *, earning: bool = False) -> str:
    kinds = ledger_pb2.CategoryKind
    request = ledger_service_pb2.CreateCategoryRequest(
        request_id=new_id(),
        book_id=book.id,
        name=name,
        kind=kinds.CATEGORY_KIND_INCOME if earning else kinds.CATEGORY_KIND_EXPENSE,
    )
    category_id: str = (await book.person.ledger.CreateCategory(request)).category.id
    return category_id


async def make_account(book: BookOf, currency: str, name: str = "Other") -> str:
    request = ledger_service_pb2.CreateAccountRequest(
        request_id=new_id(),
        book_id=book.id,
        name=name,
        type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
        currency=currency,
    )
    account_id: str = (await book.person.ledger.CreateAccount(request)).account.id
    return account_id


async def make_linked(person: Person, server: App, circle: Circle | None = None, **other: Any) -> Linked:
    """A book of the person's that follows a group with two guests."""
    book = await make_book(person)
    circle = circle or await make_circle(person, "Gus", "Hal")
    link = (await person.ledger.LinkGroupToBook(linking(book, circle, **other))).link
    return Linked(book, circle, link, server)


async def make_caught_up(person: Person, server: App) -> Linked:
    """The same, with one expense that has arrived."""
    linked = await make_linked(person, server)
    await linked.circle.spend(9000)
    await linked.caught_up()
    return linked
