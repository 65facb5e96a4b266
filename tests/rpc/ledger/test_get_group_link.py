"""What GetGroupLink promises."""

from linked import Linked
from people import Person, new_id, refusal_of
from rpc.spaces.sharing import VIEWER, share
from tallystick_client.v1 import ledger_links_pb2


def asking(linked: Linked, link_id: str = "") -> ledger_links_pb2.GetGroupLinkRequest:
    return ledger_links_pb2.GetGroupLinkRequest(book_id=linked.book.id, link_id=link_id or linked.link.id)


async def test_it_says_how_far_the_book_is_and_the_group(linked: Linked) -> None:
    found = await linked.get()
    assert (found.link, found.followed_version) == (linked.link, 0)
    assert found.group_version > 0
    await linked.circle.spend(9000)
    await linked.caught_up()
    assert (await linked.get()).group_version == found.group_version + 1


async def test_one_that_ended_is_not_followed(linked: Linked) -> None:
    await linked.caught_up()
    await linked.unlink(keep=True)
    assert (await linked.get()).followed_version == 0


async def test_any_member_of_the_book_may_ask(linked: Linked, bob: Person) -> None:
    await share(linked.person, linked.book.id, bob, VIEWER)
    assert (await bob.ledger.GetGroupLink(asking(linked))).link == linked.link


async def test_what_is_not_there_looks_like_what_is_somebody_elses(linked: Linked, bob: Person) -> None:
    missing = await refusal_of(linked.person.ledger.GetGroupLink(asking(linked, new_id())))
    foreign = await refusal_of(bob.ledger.GetGroupLink(asking(linked)))
    assert (missing.reason, missing.raw) == ("NOT_FOUND", foreign.raw)
