"""How does a test take what Splitwise exports into a group? A circle of people, and files that say who gets back and who owes."""

from collections.abc import Mapping, Sequence
from typing import Any

from circle import Circle
from imports.desk import Desk
from people import BookOf
from tallystick.currencies import EXPONENTS
from tallystick_client.v1 import group_balances_pb2, group_settlements_pb2

HEAD = "Date,Description,Category,Cost,Currency"
GERMAN = "Datum,Beschreibung,Kategorie,Kosten,Währung"


def desk_of(circle: Circle) -> Desk:
    """The same desk as for a book: a group is a space, too."""
    return Desk(BookOf(circle.person, circle.id, "", "", ""))


def shown(minor: int, currency: str = "EUR") -> str:
    exponent = EXPONENTS[currency]
    whole, rest = divmod(abs(minor), 10**exponent)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{rest:0{exponent}}" if exponent else f"{sign}{whole}"


def row(day: str, text: str, cost: int, *nets: int, category: str = "General", currency: str = "EUR") -> str:
    cells = [day, text, category, shown(cost, currency), currency, *(shown(net, currency) for net in nets)]
    return ",".join(cells)


def total(*nets: int, currency: str = "EUR") -> str:
    cells = ["2026-03-31", "Total balance", " ", " ", currency, *(shown(net, currency) for net in nets)]
    return ",".join(cells)


def export(names: Sequence[str], *rows: str, head: str = HEAD) -> str:
    """As Splitwise writes it: with blank lines below the header and above the balances."""
    return "\n".join([",".join((head, *names)), "", *rows, ""]) + "\n"


def saying(**member_ids: str) -> list[dict[str, Any]]:
    return [{"name": name, "member_id": member_id} for name, member_id in member_ids.items()]


async def balances(circle: Circle) -> dict[tuple[str, str], int]:
    """What is open for whom, by member and currency; nothing where it is zero."""
    answer = await circle.person.groups.GetBalances(group_balances_pb2.GetBalancesRequest(group_id=circle.id))
    found = {(each.member_id, each.net.currency): each.net.minor for each in answer.balances}
    return {key: net for key, net in found.items() if net}


def by_name(circle: Circle, nets: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    names = {member_id: name for name, member_id in circle.guests.items()} | {circle.owner_id: "Ann"}
    return {(names[member_id], currency): net for (member_id, currency), net in nets.items()}


async def settlements(circle: Circle) -> list[Any]:
    request = group_settlements_pb2.ListSettlementsRequest(group_id=circle.id, page_size=200)
    return list((await circle.person.groups.ListSettlements(request)).settlements)
