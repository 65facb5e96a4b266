"""Does the Python SDK make of shared expenses what the vectors say, and does the server?"""

from typing import Any
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from sdk_python.vectors import name_of, read_vectors
from tallystick.errors import TallystickError as Refused
from tallystick.groups.expenses import rules_changes
from tallystick.groups.expenses.rules import Known
from tallystick.groups.expenses.rules import compose as server_compose
from tallystick.groups.members.rules import Roster
from tallystick.v1 import group_expenses_pb2 as server_expenses
from tallystick.v1.group_pb2 import Group as ServerGroup
from tallystick.v1.space_pb2 import Member as ServerMember
from tallystick_client.offline.making import Making
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row, View
from tallystick_client.offline.sharing import compose, compose_changed
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft, UpdateExpenseRequest
from tallystick_client.v1.group_pb2 import Group
from tallystick_client.v1.space_pb2 import Member

VECTORS = read_vectors("expenses")
GROUP_ID = VECTORS["group"]["id"]
OWN_ID = next(each["id"] for each in VECTORS["members"] if each.get("userId") == VECTORS["userId"])


class _Nothing:
    def find(self, kind: str, entity_id: str) -> None:
        return None

    def rows(self, kind: str) -> Any:
        return iter(())


def _making(case: Any) -> Making:
    view = View(_Nothing())
    group = ParseDict(VECTORS["group"] | case.get("group", {}), Group())
    view.put(Row("expense_group", group.id, group))
    for each in VECTORS["members"]:
        view.put(Row("member", each["id"], ParseDict(each, Member())))
    for each in (*case.get("known", ()), *([case["before"]] if "before" in case else ())):
        view.put(Row("expense", each["id"], ParseDict(each, Expense())))
    return Making(view, GROUP_ID, VECTORS["userId"], Expense().created_at)


def _known(case: Any) -> Known:
    roster = Roster({UUID(each["id"]): ParseDict(each, ServerMember()) for each in VECTORS["members"]})
    there = (*case.get("known", ()), *([case["before"]] if "before" in case else ()))
    return Known(
        ParseDict(VECTORS["group"] | case.get("group", {}), ServerGroup()),
        roster,
        OWN_ID,
        {each["id"]: ParseDict(each, server_expenses.Expense()) for each in there},
        # Whether a receipt is there only the server can know.
        frozenset(each.lower() for each in case.get("draft", {}).get("receiptIds", ())),
    )


@pytest.mark.parametrize("case", VECTORS["create"], ids=name_of)
def test_b2_composing_an_expense(case: Any) -> None:
    draft = ParseDict(case["draft"], ExpenseDraft())
    onto = Expense(id=draft.expense_id, group_id=GROUP_ID)
    if case.get("refused"):
        with pytest.raises(CannotApply):
            compose(draft, onto, _making(case))
    else:
        assert MessageToDict(compose(draft, onto, _making(case))) == case["expense"]


@pytest.mark.parametrize("case", VECTORS["create"], ids=name_of)
def test_b2_the_server_composes_the_same(case: Any) -> None:
    draft = ParseDict(case["draft"], server_expenses.ExpenseDraft())
    onto = server_expenses.Expense(id=draft.expense_id, group_id=GROUP_ID)
    if case.get("refused"):
        with pytest.raises(Refused):
            server_compose(draft, onto, _known(case))
    else:
        assert MessageToDict(server_compose(draft, onto, _known(case))) == case["expense"]


@pytest.mark.parametrize("case", VECTORS["change"], ids=name_of)
def test_b4_b25_changing_an_expense(case: Any) -> None:
    before, update = ParseDict(case["before"], Expense()), ParseDict(case["update"], UpdateExpenseRequest())
    if case.get("refused"):
        with pytest.raises(CannotApply):
            compose_changed(before, update, _making(case))
    else:
        assert MessageToDict(compose_changed(before, update, _making(case))) == case["after"]


@pytest.mark.parametrize("case", VECTORS["change"], ids=name_of)
def test_b4_b25_the_server_changes_the_same(case: Any) -> None:
    before = ParseDict(case["before"], server_expenses.Expense())
    update = ParseDict(case["update"], server_expenses.UpdateExpenseRequest())

    def changed() -> server_expenses.Expense:
        draft = rules_changes.change_draft(before, update.update_mask, update.change)
        return rules_changes.compose_changed(draft, before, _known(case))

    if case.get("refused"):
        with pytest.raises(Refused):
            changed()
    else:
        assert MessageToDict(changed()) == case["after"]
