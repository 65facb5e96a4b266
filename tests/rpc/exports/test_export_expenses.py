"""What the CSV of a group promises: rows come to nothing, columns to what each is owed."""

from circle import Circle, equally, make_circle, money
from people import Person, refusal_of
from rpc.exports.taking import CSV, EXPENSES, STATEMENT, refused, take
from rpc.groups import settling
from tallystick_client.v1.group_expenses_pb2 import ExpenseKind


async def test_rows_come_to_nothing_and_columns_to_the_nets(circle: Circle) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await circle.spend(1000)
    await circle.spend(500, by=gus, booked_on="2026-02-01", split=equally(gus, hal))
    await circle.spend(200, kind=ExpenseKind.EXPENSE_KIND_REFUND)
    await settling.pay(circle, hal, circle.owner_id, 123)
    reversed_one = await settling.pay(circle, gus, circle.owner_id, 55)
    await settling.reverse(circle.person, reversed_one)
    taken = await take(circle.person, group_id=circle.id, format=CSV, content=EXPENSES)
    rows = taken.rows()
    names = {"Ann": circle.owner_id, "Gus": gus, "Hal": hal}
    assert (taken.name, len(rows)) == ("Trip-expenses.csv", 4)
    assert rows[0]["Date"] == "2026-02-01"
    for row in rows:
        assert sum(_minor(row[name]) for name in names) == 0
    nets = await settling.nets_of(circle)
    assert {name: sum(_minor(row[name]) for row in rows) for name in names} == {
        name: nets.get((member_id, "EUR"), 0) for name, member_id in names.items()
    }


def _minor(text: str) -> int:
    return int(text.replace(".", ""))


async def test_members_of_one_name_have_columns_of_their_own(ann: Person) -> None:
    circle = await make_circle(ann, "Ann", "Cost")
    await circle.spend(900)
    (row,) = (await take(ann, group_id=circle.id)).rows()
    assert row["Cost"] == "9.00"
    assert sorted([row["Ann"], row["Ann (2)"], row["Cost (2)"]]) == ["-3.00", "-3.00", "6.00"]


async def test_only_the_days_that_were_asked_for(circle: Circle) -> None:
    for day in ("2026-02-01", "2026-02-02", "2026-02-03"):
        await circle.spend(100, booked_on=day, amount=money(100))
    taken = await take(circle.person, group_id=circle.id, from_on="2026-02-02", until_on="2026-02-02")
    assert [row["Date"] for row in taken.rows()] == ["2026-02-02"]


async def test_a_group_has_no_statements_and_a_foreign_group_nothing(circle: Circle, bob: Person) -> None:
    refusal = await refusal_of(refused(circle.person, group_id=circle.id, content=STATEMENT))
    assert (refusal.reason, refusal.fields) == ("EXPORT_NOT_OFFERED", ("content",))
    assert (await refusal_of(refused(bob, group_id=circle.id))).reason == "NOT_FOUND"
