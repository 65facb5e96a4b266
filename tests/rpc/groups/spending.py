"""How do tests change what a circle spent? Short names for the calls about expenses, and what they do to balances."""

from typing import Any

from circle import Circle, money
from people import new_id
from rpc.spaces.sharing import Member, remove
from tallystick_client.v1 import group_balances_pb2, group_pb2
from tallystick_client.v1.group_expenses_pb2 import (
    DeleteExpenseRequest,
    Expense,
    ExpenseDraft,
    ExpenseKind,
    GetExpenseRequest,
    ListExpensesRequest,
    RestoreExpenseRequest,
    RevertExpenseRequest,
    UpdateExpenseRequest,
)
from tallystick_client.v1.group_splits_pb2 import Conversion, ExactSplit, ExpenseSplit, MemberAmount, Payer

REFUND = ExpenseKind.EXPENSE_KIND_REFUND
INCOME = ExpenseKind.EXPENSE_KIND_INCOME


def exactly(**minors: int) -> ExpenseSplit:
    amounts = [MemberAmount(member_id=each, minor=minor) for each, minor in minors.items()]
    return ExpenseSplit(exact=ExactSplit(amounts=amounts))


def counts_as(minor: int, currency: str = "EUR", **other: Any) -> Conversion:
    return Conversion(amount=money(minor, currency), **other)


def update_of(circle: Circle, expense: Expense, *paths: str, **change: Any) -> UpdateExpenseRequest:
    base = {"base_version": change.pop("base_version")} if "base_version" in change else {}
    request = UpdateExpenseRequest(
        request_id=new_id(), group_id=circle.id, expense_id=expense.id, change=ExpenseDraft(**change), **base
    )
    request.update_mask.paths.extend(paths)
    return request


async def update(circle: Circle, expense: Expense, *paths: str, **change: Any) -> Expense:
    response = await circle.person.groups.UpdateExpense(update_of(circle, expense, *paths, **change))
    changed: Expense = response.expense
    return changed


async def get(circle: Circle, expense: Expense) -> Expense:
    request = GetExpenseRequest(group_id=circle.id, expense_id=expense.id)
    found: Expense = (await circle.person.groups.GetExpense(request)).expense
    return found


async def delete(circle: Circle, expense: Expense, **other: Any) -> Expense:
    request = DeleteExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=expense.id, **other)
    gone: Expense = (await circle.person.groups.DeleteExpense(request)).expense
    return gone


async def restore(circle: Circle, expense: Expense) -> Expense:
    request = RestoreExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=expense.id)
    back: Expense = (await circle.person.groups.RestoreExpense(request)).expense
    return back


async def revert(circle: Circle, expense: Expense, version: int) -> Expense:
    request = RevertExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=expense.id, to_version=version)
    back: Expense = (await circle.person.groups.RevertExpense(request)).expense
    return back


async def give_back(circle: Circle, original: Expense, minor: int, **other: Any) -> Expense:
    """A refund that says no more than what it is of; the owner got it."""
    fields: dict[str, Any] = {"kind": REFUND, "refund_of_id": original.id, "split": None}
    return await circle.spend(minor, **fields | {"currency": original.amount.currency} | other)


async def listed(circle: Circle, **filters: Any) -> list[Expense]:
    response = await circle.person.groups.ListExpenses(ListExpensesRequest(group_id=circle.id, **filters))
    return list(response.expenses)


async def nets(circle: Circle) -> dict[tuple[str, str], int]:
    """What everybody is owed or owes, by member and currency."""
    request = group_balances_pb2.GetBalancesRequest(group_id=circle.id)
    answer = await circle.person.groups.GetBalances(request)
    return {(each.member_id, each.net.currency): each.net.minor for each in answer.balances}


async def archive(circle: Circle) -> None:
    await circle.person.groups.ArchiveGroup(group_pb2.ArchiveGroupRequest(request_id=new_id(), group_id=circle.id))


async def lock(circle: Circle, until: str) -> None:
    request = group_pb2.LockPeriodRequest(request_id=new_id(), group_id=circle.id, locked_until=until)
    await circle.person.groups.LockPeriod(request)


async def take_out(circle: Circle, member_id: str) -> None:
    """Somebody who owes nothing is removed."""
    await remove(circle.person, Member(id=member_id, space_id=circle.id))


async def with_somebody_gone(circle: Circle) -> Expense:
    """An expense that Hal shared, paid his part of, and left with."""
    hal = circle.guests["Hal"]
    payers = [Payer(member_id=circle.owner_id, minor=2000), Payer(member_id=hal, minor=1000)]
    made = await circle.spend(3000, payers=payers)
    await take_out(circle, hal)
    return made
