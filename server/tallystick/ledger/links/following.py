"""What shall happen in a book when the group that it follows has moved? One step of following, run inside the book's write door."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tallystick import masks
from tallystick.errors import Stale
from tallystick.groups.queries_following import Item
from tallystick.ledger.links import queries, rules, writes
from tallystick.ledger.links.passage import Passage
from tallystick.ledger.links.queries import ACTIVE, ENDED
from tallystick.ledger.links.rules import BORNE, CORRECTIONS, PAID, RECEIVABLE, ROLES, Held, Leg, Wanted
from tallystick.ledger.sums import Sums
from tallystick.ledger.tables import ACCOUNT, CATEGORY, GROUP_LINK, TRANSACTION
from tallystick.ledger.transactions import rules as compose_rules
from tallystick.ledger.transactions.posting import Step, post
from tallystick.ledger.transactions.references import CATEGORIES, TRANSACTIONS, References, open_sums, open_totals
from tallystick.ledger.transactions.rules import Named
from tallystick.merging import changed_fields
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_links_pb2 import GroupLink, UpdateGroupLinkRequest, UpdateGroupLinkResponse
from tallystick.v1.ledger_pb2 import Account, AccountType, Category, CategoryKind, Transaction, TransactionKind

_TYPES = {RECEIVABLE: AccountType.ACCOUNT_TYPE_RECEIVABLE, PAID: AccountType.ACCOUNT_TYPE_OTHER}


class NothingToDo(Exception):
    """The book is as it should be. Raised so that nothing is written."""


async def follow(tx: WriteTx, request: UpdateGroupLinkRequest, *, passage: Passage) -> UpdateGroupLinkResponse:
    found, followed, accounts, categories, transactions, *totals = await tx.fetch_all(*passage.reads())
    link = tx.require(GROUP_LINK, [(row[0], row[1], row[2]) for row in found])
    if link.version != passage.link.version or not followed or followed[0][0] != passage.from_seq:
        raise Stale(current_version=link.version)
    book = _Book(tx, passage, link)
    await book.learn_accounts(accounts)
    book.learn_categories(categories)
    book.learn_transactions(transactions)
    await _learn_the_rest(tx, book, passage)
    steps = [step for item in passage.items for step in book.steps(item)]
    after = book.settle_accounts()
    if not steps and after is None:
        raise NothingToDo
    known = dict.fromkeys(passage.cells, 0) | open_totals(tx, totals[0] if totals else ())
    await post(tx, steps, References(Named(book.accounts, book.categories), book.sums, known))
    moved = {"of_space": tx.space_id, "of_link": UUID(link.id), "from_seq": passage.from_seq, "to_seq": passage.to_seq}
    tx.beside(writes.MOVE_ON(**moved, lease=passage.lease))
    return UpdateGroupLinkResponse(link=after or link)


async def note_problem(tx: WriteTx, request: UpdateGroupLinkRequest, *, problem: str) -> UpdateGroupLinkResponse:
    """Why following waits, for whoever looks at the link."""
    before, _ = await queries.get_followed(tx, UUID(request.link_id))
    if before.state != ACTIVE or before.problem == problem:
        return UpdateGroupLinkResponse(link=before)
    after = masks.overlay(before, before, ())
    after.problem = problem
    return UpdateGroupLinkResponse(link=tx.put(GROUP_LINK, before, after))


async def end_link(tx: WriteTx, request: UpdateGroupLinkRequest, *, problem: str) -> UpdateGroupLinkResponse:
    """Following stops by itself. What arrived stays."""
    before, _ = await queries.get_followed(tx, UUID(request.link_id))
    if before.state != ACTIVE:
        tx.beside(writes.FOLLOW_NO_MORE(of_space=tx.space_id, of_link=UUID(before.id)))
        return UpdateGroupLinkResponse(link=before)
    return UpdateGroupLinkResponse(link=stop(tx, before, problem))


def stop(tx: WriteTx, before: GroupLink, problem: str = "") -> GroupLink:
    after = masks.overlay(before, before, ())
    after.state, after.problem = ENDED, problem
    tx.beside(writes.FOLLOW_NO_MORE(of_space=tx.space_id, of_link=UUID(before.id)))
    return tx.put(GROUP_LINK, before, after)


async def _learn_the_rest(tx: WriteTx, book: "_Book", passage: Passage) -> None:
    """What only a change needs: corrections of what is there, and what that names."""
    changed = [each for each, transaction_id in passage.transactions.items() if transaction_id in book.transactions]
    wanted = [passage.id_of(*each, number) for each in changed for number in CORRECTIONS]
    if not wanted:
        return
    entries = [entry for found, _ in book.transactions.values() for entry in found.entries]
    accounts = {UUID(each.account_id) for each in entries if each.account_id not in book.accounts}
    categories = {UUID(each.category_id) for each in entries if each.category_id}
    corrections, others, named = await tx.fetch_all(
        TRANSACTIONS(space_id=tx.space_id, ids=wanted),
        queries.ACCOUNTS_EVEN_DELETED(space_id=tx.space_id, ids=sorted(accounts)),
        CATEGORIES(space_id=tx.space_id, ids=sorted(categories)),
    )
    book.learn_transactions(corrections)
    await book.learn_accounts(others)
    book.learn_categories(named)


@dataclass
class _Book:
    """What is in the book of all that a step needs, and what the step makes of it."""

    tx: WriteTx
    passage: Passage
    link: GroupLink
    # Those that are there, and those that are deleted, by id.
    accounts: dict[str, Account] = field(default_factory=dict)
    deleted: dict[str, Account] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    transactions: dict[UUID, tuple[Transaction, datetime | None]] = field(default_factory=dict)
    # Accounts as they were before they were made or brought back in this step. None: there was none.
    changed: dict[str, Account | None] = field(default_factory=dict)
    # What the accounts hold.
    sums: dict[UUID, Sums] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.link_id = UUID(self.link.id)
        self.linked = masks.overlay(self.link, self.link, ())
        # It goes on.
        self.linked.problem = ""
        self.receivables = {each.receivable_account_id for each in self.link.accounts if each.receivable_account_id}

    async def learn_accounts(self, rows: Sequence[Sequence[Any]]) -> None:
        for account_id, version, body, deleted_at, balance_version, cell in rows:
            account = self.tx.open(ACCOUNT, (account_id, version, body))
            (self.accounts if deleted_at is None else self.deleted)[account.id] = account
            self.sums[account_id] = await open_sums(self.tx, account_id, balance_version, cell)

    def learn_categories(self, rows: Sequence[Sequence[Any]]) -> None:
        self.categories |= {str(row[0]): self.tx.open(CATEGORY, (row[0], row[1], row[2])) for row in rows}

    def learn_transactions(self, rows: Sequence[Sequence[Any]]) -> None:
        for *row, deleted_at in rows:
            self.transactions[row[0]] = self.tx.open(TRANSACTION, (row[0], row[1], row[2])), deleted_at

    def steps(self, item: Item) -> list[Step]:
        """Whatever is not yet as the item wants it."""
        return [step for role in ROLES for step in self._steps_of(item, role)]

    def _steps_of(self, item: Item, role: str) -> list[Step]:
        minor, known = rules.minor_of(item.now, role), self._known(item, role)
        if not known and not minor:
            return []
        held = {
            number: Held(rules.moves_of(found, self.receivables), rules.is_locked(found))
            for number, (found, deleted_at) in known.items()
            if deleted_at is None
        }
        steps = []
        is_whole = not any(each.is_locked for each in held.values())
        for number, wanted in rules.plan(item.now.currency if item.now else "", minor, held).items():
            before, deleted_at = known.get(number, (None, None))
            if wanted is None:
                steps.append(Step(before, None))
                continue
            like = before or (known[0][0] if known else None)
            transaction_id = self.passage.id_of(item.id, role, number)
            after = self._compose(item, role, transaction_id, wanted, before, like, is_whole=is_whole and number == 0)
            is_deleted = deleted_at is not None
            if before is None or is_deleted or changed_fields(before, after):
                steps.append(Step(before, after, is_deleted))
        return steps

    def _known(self, item: Item, role: str) -> dict[int, tuple[Transaction, datetime | None]]:
        """What there is of it already. Where it is not itself, there are no corrections of it."""
        itself = self.transactions.get(self.passage.id_of(item.id, role))
        if itself is None:
            return {}
        ids = {number: self.passage.id_of(item.id, role, number) for number in CORRECTIONS}
        return {0: itself} | {
            number: self.transactions[each] for number, each in ids.items() if each in self.transactions
        }

    def _compose(
        self,
        item: Item,
        role: str,
        transaction_id: UUID,
        moved: tuple[str, int],
        before: Transaction | None,
        like: Transaction | None,
        *,
        is_whole: bool,
    ) -> Transaction:
        """`like`: what says when and what it was, of an item that means nothing any more."""
        onto = Transaction()
        if before is not None:
            onto.CopyFrom(before)
        else:
            onto.id, onto.book_id, onto.payee = str(transaction_id), str(self.tx.space_id), self.passage.group_name
            onto.created_at.CopyFrom(to_timestamp(self.tx.now))
        onto.link_id, onto.followed_id = self.link.id, str(item.id)
        booked_on = item.now.booked_on if item.now else like.booked_on if like else ""
        wanted = self._wanted(item, role, booked_on, moved, before, is_whole=is_whole)
        note = rules.choose_note(before or like, item.before, item.now)
        rules.compose(onto, before, wanted, note)
        return compose_rules.finish(onto, Named(self.accounts, {}))

    def _wanted(
        self,
        item: Item,
        role: str,
        booked_on: str,
        moved: tuple[str, int],
        before: Transaction | None,
        *,
        is_whole: bool,
    ) -> Wanted:
        currency, minor = moved
        receivable = Leg(self._made(RECEIVABLE, currency, booked_on), currency, minor)
        if role == BORNE:
            kind = rules.kind_of(minor, is_earned=item.now is not None and item.now.is_earned)
            return Wanted(kind, booked_on, [receivable], self._category_of(item, kind, before))
        other = self._find_paying(item, before) if is_whole else None
        if other is None:
            other = Leg(self._made(PAID, currency, booked_on), currency, -minor)
        return rules.transfer(booked_on, other, receivable)

    def _find_paying(self, item: Item, before: Transaction | None) -> Leg | None:
        """What paid it, or was paid, if it fits: the account that it is on already, or that of the link."""
        part = item.now
        assert part is not None, "what means nothing any more is only corrected"
        on = [each.account_id for each in before.entries if each.account_id not in self.receivables] if before else []
        for account_id in (*on, self.link.paid_from_account_id):
            account = self.accounts.get(account_id)
            if account is None or not rules.is_open(account, part.booked_on):
                continue
            if account.currency == part.currency:
                return Leg(account.id, part.currency, -part.given_minor)
            if account.currency == part.paid_currency and part.paid_minor:
                return Leg(account.id, part.paid_currency, -part.paid_minor)
        return None

    def _category_of(self, item: Item, kind: TransactionKind.ValueType, before: Transaction | None) -> str:
        usable = {
            each.id
            for each in self.categories.values()
            if each.kind == CategoryKind.CATEGORY_KIND_EXPENSE and not each.archived
        }
        now = rules.category_of(self.link, item.now.category if item.now else "", usable)
        was = None
        if item.before is not None and item.now is not None and item.before.category != item.now.category:
            was = rules.category_of(self.link, item.before.category, usable)
        if before is not None and self.transactions[UUID(before.id)][1] is not None:
            # What comes back follows the group: while it was away nobody could choose.
            before = None
        chosen = rules.choose_category(before, kind, was, now)
        return chosen if chosen in self.categories else ""

    def _made(self, purpose: str, currency: str, booked_on: str) -> str:
        """An account of the link's own that is there on this day. It is made, or brought back, when it is needed."""
        account_id = rules.account_id_of(self.link_id, purpose, currency)
        name = str(account_id)
        rules.note_account(self.linked, purpose, currency, account_id)
        if purpose == RECEIVABLE:
            self.receivables.add(name)
        account = self.accounts.get(name)
        if account is not None and rules.is_open(account, booked_on):
            return name
        before = account or self.deleted.pop(name, None)
        self.changed.setdefault(name, before)
        after = masks.overlay(before, before, ()) if before else self._new_account(name, purpose, currency)
        after.closed_on = ""
        self.accounts[name] = after
        if account is None:
            # Nothing is booked on an account that is not there.
            self.sums[account_id] = Sums()
        return name

    def _new_account(self, account_id: str, purpose: str, currency: str) -> Account:
        return Account(
            id=account_id,
            book_id=str(self.tx.space_id),
            name=self.passage.group_name,
            type=_TYPES[purpose],
            currency=currency,
            created_at=to_timestamp(self.tx.now),
        )

    def settle_accounts(self) -> GroupLink | None:
        """Writes the accounts that were made or brought back. Returns the link if it learned of any."""
        for account_id, before in self.changed.items():
            after = self.accounts[account_id]
            if before is None:
                self.tx.add(ACCOUNT, after)
            else:
                self.tx.put(ACCOUNT, before, after)
        if not changed_fields(self.link, self.linked):
            return None
        return self.tx.put(GROUP_LINK, self.link, self.linked)
