"""What ListActivity promises."""

from typing import Any

from circle import Circle, money
from people import Person, refusal_of, sign_up
from rpc.groups.commenting import say
from rpc.groups.promises import viewer_of
from rpc.groups.spending import delete, restore, update
from rpc.spaces.sharing import EDITOR, invite, share
from tallystick_client.v1.group_activity_pb2 import Activity, ListActivityRequest


async def activity(circle: Circle, **other: Any) -> Any:
    return await circle.person.groups.ListActivity(ListActivityRequest(group_id=circle.id, **other))


def shown(activities: list[Activity]) -> list[tuple[str, str, bool, bool, list[str]]]:
    return [(each.kind, each.title, each.created, each.deleted, list(each.fields)) for each in activities]


async def test_what_happened_newest_first(circle: Circle) -> None:
    eve = await sign_up(circle.person.client, "Eve")
    await share(circle.person, circle.id, eve, EDITOR)
    made = await circle.spend()
    await update(circle, made, description="Supper", amount=money(600))
    said = await say(circle, eve, made)
    await delete(circle, made)
    back = await restore(circle, made)
    found = list((await activity(circle)).activities)
    assert shown(found[:6]) == [
        ("expense", "Supper", False, False, []),
        ("expense", "Supper", False, True, []),
        ("expense_comment", "", True, False, []),
        ("expense", "Supper", False, False, ["description", "amount", "payers", "shares"]),
        ("expense", "Dinner", True, False, []),
        ("member", "Eve", True, False, []),
    ]
    assert {each.kind for each in found[6:]} == {"member", "expense_group"}
    assert (found[0].id, found[0].version, found[2].id) == (made.id, back.version, said.id)
    assert [each.changed_by for each in found[:3]] == [circle.person.user.id] * 2 + [eve.user.id]
    assert [each.version for each in found] == sorted((each.version for each in found), reverse=True)


async def test_pages_follow_each_other(circle: Circle) -> None:
    for _ in range(3):
        await circle.spend()
    whole = list((await activity(circle)).activities)
    found: list[Activity] = []
    token = ""
    while True:
        page = await activity(circle, page_size=2, page_token=token)
        found += page.activities
        token = page.next_page_token
        if not token:
            break
    assert (found, len(found)) == (whole, 7)


async def test_b24_what_was_refused_did_not_happen(circle: Circle) -> None:
    before = list((await activity(circle)).activities)
    await refusal_of(circle.spend(0))
    await invite(circle.person, circle.id)
    assert list((await activity(circle)).activities) == before


async def test_b19_who_may_see_it(circle: Circle, bob: Person) -> None:
    request = ListActivityRequest(group_id=circle.id)
    assert (await (await viewer_of(circle)).groups.ListActivity(request)).activities
    assert (await refusal_of(bob.groups.ListActivity(request))).reason == "NOT_FOUND"
    assert (await refusal_of(activity(circle, page_token="x"))).reason == "INVALID_PAGE_TOKEN"
