"""How did one member's balance come to be? What moved it, line by line, each with the balance after it.

What stands before a page is added up from the beginning: a sum that a token carried would be wrong once something old was changed.
"""

from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.groups.members.queries import read_roster
from tallystick.groups.sums.effects import change_for
from tallystick.groups.sums.folding import Booked, booked_until
from tallystick.groups.sums.state import as_date
from tallystick.store.pages import page_size
from tallystick.store.tx import ReadTx, Snapshot
from tallystick.v1.group_balances_pb2 import GetStatementRequest, GetStatementResponse, StatementLine
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.money_pb2 import Money

Position = tuple[str, str]


async def get_statement(
    tx: ReadTx, request: GetStatementRequest, user_id: UUID, after: Sequence[str] | None
) -> tuple[GetStatementResponse, Position | None]:
    """A page, and where the next one starts if there is one. `after` is the day and id of the last line of the page before."""
    first = as_date("from", getattr(request, "from"), date.min).isoformat()
    until = as_date("until", request.until, date.max)
    position = (after[0], after[1]) if after else None
    async with tx.snapshot() as snapshot:
        member_id = await _find_member(snapshot, request.member_id, user_id)
        page = _Page(page_size(request.page_size), first, position)
        async with aclosing(booked_until(snapshot, until)) as slices:
            async for booked in slices:
                for message, step in booked:
                    change = change_for(step, member_id)
                    if change and not page.take(message, step.currency, change):
                        return page.compose(), page.last
        return page.compose(), None


async def _find_member(tx: Snapshot, member_id: str, user_id: UUID) -> UUID:
    roster = await read_roster(tx)
    member = roster.get(UUID(member_id)) if member_id else roster.find_user(user_id)
    if member is None:
        raise NotVisible
    return UUID(member.id)


class _Page:
    """The lines of a page, and the balances before and after them."""

    def __init__(self, size: int, first: str, after: Position | None) -> None:
        self._size = size
        self._first = first
        self._after = after
        self._opening: dict[str, int] | None = None
        self._held: dict[str, int] = {}
        self._lines: list[StatementLine] = []

    @property
    def last(self) -> Position:
        line = self._lines[-1]
        return line.booked_on, line.expense_id or line.settlement_id

    def take(self, message: Booked, currency: str, change: int) -> bool:
        """False: the page is full, and this is the first line of the next one."""
        is_on_page = message.booked_on >= self._first and (
            self._after is None or (message.booked_on, message.id) > self._after
        )
        if is_on_page and len(self._lines) == self._size:
            return False
        if is_on_page and self._opening is None:
            self._opening = dict(self._held)
        self._held[currency] = self._held.get(currency, 0) + change
        if is_on_page:
            self._lines.append(_compose_line(message, currency, change, self._held[currency]))
        return True

    def compose(self) -> GetStatementResponse:
        opening = self._held if self._opening is None else self._opening
        return GetStatementResponse(opening=_moneys(opening), lines=self._lines, closing=_moneys(self._held))


def _compose_line(message: Booked, currency: str, change: int, balance: int) -> StatementLine:
    line = StatementLine(
        booked_on=message.booked_on,
        change=Money(currency=currency, minor=change),
        balance=Money(currency=currency, minor=balance),
    )
    if isinstance(message, Expense):
        line.expense_id, line.description = message.id, message.description
    else:
        line.settlement_id, line.description = message.id, message.note
    return line


def _moneys(held: dict[str, int]) -> list[Money]:
    return [Money(currency=currency, minor=minor) for currency, minor in sorted(held.items()) if minor]
