"""ListDeadLetters: what was given up."""

from people import new_id, refusal_of
from rpc.webhooks.promises import editor_of
from tallystick_client.v1 import webhook_service_pb2 as pb
from turned_clock import TurnedClock
from webhooks.desk import FAILURES, Hooked
from webhooks.receiver import BROKEN, OK, Receiver


async def test_they_come_in_the_order_of_commits(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    versions = [(await hooked.book.spend()).transaction.version for _ in range(3)]
    receiver.answer = BROKEN
    await hooked.give_up(clock, 2)
    receiver.answer = OK
    letters = await hooked.letters()
    assert [each.to_version for each in letters] == versions[:2]
    assert [each.delivery_id for each in letters] == list(dict.fromkeys(receiver.ids))[:2]
    assert {each.problem for each in letters} == {FAILURES.DELIVERY_PROBLEM_STATUS}
    call = hooked.person.webhooks.ListDeadLetters
    first = await call(pb.ListDeadLettersRequest(**hooked.named, page_size=1))
    second = await call(pb.ListDeadLettersRequest(**hooked.named, page_size=1, page_token=first.next_page_token))
    assert [*first.dead_letters, *second.dead_letters] == letters
    assert not second.next_page_token


async def test_only_owners_may(hooked: Hooked) -> None:
    editor = await editor_of(hooked.book)
    request = pb.ListDeadLettersRequest(**hooked.named)
    assert (await refusal_of(editor.webhooks.ListDeadLetters(request))).reason == "ROLE_TOO_LOW"
    missing = pb.ListDeadLettersRequest(space_id=hooked.book.id, webhook_id=new_id())
    assert (await refusal_of(hooked.person.webhooks.ListDeadLetters(missing))).reason == "NOT_FOUND"
    assert await hooked.letters() == []
    refused = pb.ListDeadLettersRequest(**hooked.named, page_token="abc")
    assert (await refusal_of(hooked.person.webhooks.ListDeadLetters(refused))).reason == "INVALID_PAGE_TOKEN"
