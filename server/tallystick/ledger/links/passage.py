"""What is one step of following, and what does it need to know of the book? All of it is asked ahead of the step's command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from tallystick.groups.following import Part
from tallystick.groups.queries_following import Item
from tallystick.ledger.links import queries, rules
from tallystick.ledger.links.queries import LINKS
from tallystick.ledger.links.rules import BORNE, GIVEN, PAID, RECEIVABLE, ROLES
from tallystick.ledger.rules import NO_CATEGORY, Cell
from tallystick.ledger.transactions.references import CATEGORIES, TRANSACTIONS, totals_of
from tallystick.store.statements import Call
from tallystick.v1.ledger_links_pb2 import GroupLink


@dataclass(frozen=True)
class Passage:
    """These items, read after `from_seq`. With them the book holds everything up to `to_seq`."""

    link: GroupLink
    group_name: str
    items: Sequence[Item]
    from_seq: int
    to_seq: int
    # Until when whoever works on the link goes on. None: they are done.
    lease: datetime | None

    def id_of(self, item_id: UUID, role: str, number: int = 0) -> UUID:
        """Of a transaction, or of one of its corrections."""
        if not number:
            return self.transactions[item_id, role]
        return rules.transaction_id_of(self._link_id, item_id, role, number)

    @cached_property
    def transactions(self) -> dict[tuple[UUID, str], UUID]:
        """The ids that the items' transactions have."""
        return {
            (item.id, role): rules.transaction_id_of(self._link_id, item.id, role)
            for item in self.items
            for role in ROLES
        }

    @cached_property
    def cells(self) -> dict[Cell, None]:
        """The totals that new items move, if they find everything as the link has it."""
        return dict.fromkeys(cell for item in self.items if item.now for cell in self._cells_of(item.now))

    def reads(self) -> list[Call[*tuple[Any, ...]]]:
        """What the command asks first."""
        book_id = UUID(self.link.book_id)
        accounts = [account_id for pair in self._made.values() for account_id in pair.values()]
        if self.link.paid_from_account_id:
            accounts.append(UUID(self.link.paid_from_account_id))
        asked: list[Call[*tuple[Any, ...]]] = [
            LINKS.by_id(space_id=book_id, id=self._link_id),
            queries.FOLLOWED(space_id=book_id, link_id=self._link_id),
            queries.ACCOUNTS_EVEN_DELETED(space_id=book_id, ids=accounts),
            CATEGORIES(space_id=book_id, ids=[UUID(each) for each in self._named]),
            TRANSACTIONS(space_id=book_id, ids=[*self.transactions.values()]),
        ]
        if self.cells:
            asked.append(totals_of(book_id, self.cells))
        return asked

    @cached_property
    def _link_id(self) -> UUID:
        return UUID(self.link.id)

    @cached_property
    def _named(self) -> list[str]:
        """The categories that the link gives."""
        return sorted({*(each.category_id for each in self.link.categories), self.link.default_category_id} - {""})

    @cached_property
    def _made(self) -> dict[str, dict[str, UUID]]:
        """The ids of the accounts that are made for the link, by currency and purpose."""
        parts = [part for item in self.items for part in (item.now, item.before) if part]
        currencies = sorted({part.currency for part in parts} | {each.currency for each in self.link.accounts})
        return {
            currency: {made: rules.account_id_of(self._link_id, made, currency) for made in (RECEIVABLE, PAID)}
            for currency in currencies
        }

    def _cells_of(self, part: Part) -> Iterator[Cell]:
        month, made = date.fromisoformat(part.booked_on).replace(day=1), self._made[part.currency]
        if rules.minor_of(part, BORNE):
            category = rules.category_of(self.link, part.category, self._named) if not part.is_earned else ""
            chosen = UUID(category) if category else NO_CATEGORY
            yield Cell(made[RECEIVABLE], chosen, part.currency, month)
        if rules.minor_of(part, GIVEN):
            yield Cell(made[RECEIVABLE], NO_CATEGORY, part.currency, month)
            if self.link.paid_from_account_id:
                yield Cell(UUID(self.link.paid_from_account_id), NO_CATEGORY, part.currency, month)
            else:
                yield Cell(made[PAID], NO_CATEGORY, part.currency, month)
