"""GetPersonBalance: what is open between two users, over all groups that both are in."""

from circle import Circle, equally, make_circle, money, paid_by
from people import Client, Person, new_id, refusal_of, sign_up
from rpc.groups.settling import debts_of, nets_of, pay, with_member
from rpc.spaces.sharing import VIEWER, leave
from tallystick_client.v1.group_balances_pb2 import GetPersonBalanceRequest, GetPersonBalanceResponse


async def between(caller: Client, other: Person) -> GetPersonBalanceResponse:
    request = GetPersonBalanceRequest(user_id=other.user.id)
    answer: GetPersonBalanceResponse = await caller.groups.GetPersonBalance(request)
    return answer


async def test_it_is_over_all_groups_that_both_are_in(circle: Circle, bob: Person) -> None:
    ann = circle.person
    crowd = await with_member(circle, bob, VIEWER)
    other = await with_member(await make_circle(ann), bob)
    await circle.spend(1000, among=[crowd.other_id])
    await circle.spend(70, currency="USD", by=crowd.other_id, among=[circle.owner_id])
    await pay(other.circle, other.other_id, other.circle.owner_id, 300)
    await make_circle(ann, "Ivy")
    seen = await between(ann, bob)
    assert {(each.group_id, each.group_name, each.amount.currency, each.amount.minor) for each in seen.debts} == {
        (circle.id, "Trip", "EUR", 1000),
        (circle.id, "Trip", "USD", -70),
        (other.circle.id, "Trip", "EUR", -300),
    }
    assert list(seen.totals) == [money(700), money(-70, "USD")]
    mirrored = await between(bob, ann)
    assert list(mirrored.totals) == [money(-700), money(70, "USD")]


async def test_b18_what_one_sees_of_everybody_comes_to_ones_net(client: Client, ann: Person, bob: Person) -> None:
    circle, cyd = await make_circle(ann), await sign_up(client, "Cyd")
    bobs, cyds = await with_member(circle, bob), await with_member(circle, cyd)
    everybody = equally(circle.owner_id, bobs.other_id, cyds.other_id)
    await circle.spend(1000, payers=paid_by(**{circle.owner_id: 600, bobs.other_id: 400}), split=everybody)
    await circle.spend(901, by=cyds.other_id, split=equally(circle.owner_id, bobs.other_id))
    seen = [await between(ann, each) for each in (bob, cyd)]
    assert (
        sum(each.minor for answer in seen for each in answer.totals) == (await nets_of(circle))[circle.owner_id, "EUR"]
    )


async def test_groups_that_one_of_them_is_not_in_say_nothing(circle: Circle, bob: Person, ann: Person) -> None:
    crowd = await with_member(circle, bob)
    nobody = await ann.groups.GetPersonBalance(GetPersonBalanceRequest(user_id=new_id()))
    assert await between(ann, bob) == nobody == GetPersonBalanceResponse()
    assert await between(ann, ann) == nobody
    await circle.spend(1000, among=[crowd.other_id])
    stranger = await sign_up(bob.client, "Eve")
    assert await between(stranger, ann) == await between(stranger, bob) == nobody
    await pay(circle, crowd.other_id, circle.owner_id, 1000)
    await leave(bob, circle.id)
    await circle.spend(1, among=[circle.everybody[1]])
    assert await between(ann, bob) == await between(bob, ann) == nobody
    assert await debts_of(circle)


async def test_it_needs_a_login(client: Client) -> None:
    request = GetPersonBalanceRequest(user_id=new_id())
    assert (await refusal_of(client.groups.GetPersonBalance(request))).reason == "NOT_SIGNED_IN"
