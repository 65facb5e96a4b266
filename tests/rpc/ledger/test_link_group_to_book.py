"""What LinkGroupToBook promises."""

import pytest

from circle import Circle, make_circle
from linked import ACTIVE, ENDED, Linked, linking, make_category, make_linked
from people import BookOf, Person, new_id, refusal_of
from rpc.spaces.sharing import VIEWER, share
from tallystick.app import App
from tallystick_client.v1 import (
    group_members_pb2,
    ledger_categories_pb2,
    ledger_links_pb2,
    sync_mutation_pb2,
    sync_service_pb2,
)


async def test_it_answers_with_the_link(linked: Linked) -> None:
    link, book, circle = linked.link, linked.book, linked.circle
    assert (link.book_id, link.group_id, link.member_id) == (book.id, circle.id, circle.owner_id)
    assert (link.user_id, link.state, link.problem) == (book.person.user.id, ACTIVE, "")
    assert (link.paid_from_account_id, link.default_category_id) == (book.account_id, book.spending_id)
    assert not link.accounts


async def test_what_is_in_the_group_already_arrives(ann: Person, server: App) -> None:
    circle = await make_circle(ann, "Gus", "Hal")
    await circle.spend(9000)
    linked = await make_linked(ann, server, circle)
    await linked.caught_up()
    assert await linked.receivables() == {"EUR": 6000}
    assert await linked.holds(linked.book.account_id) == -9000
    assert await linked.spent() == {"EUR": 3000}


async def test_a_repeat_gets_the_same_link_also_after_the_caller_has_left(linked: Linked, bob: Person) -> None:
    await share(linked.person, linked.circle.id, bob)
    await share(linked.person, linked.book.id, bob)
    request = linking(linked.book, linked.circle)
    first = await bob.ledger.LinkGroupToBook(request)
    assert first.link.id != linked.link.id
    leave = group_members_pb2.LeaveGroupRequest(request_id=new_id(), group_id=linked.circle.id)
    await bob.groups.LeaveGroup(leave)
    assert await bob.ledger.LinkGroupToBook(request) == first


async def test_another_body_under_the_same_id_is_refused(linked: Linked) -> None:
    request_id = new_id()
    await linked.unlink(keep=True)
    await linked.link_again(request_id=request_id)
    other = linking(linked.book, linked.circle, request_id=request_id, default_category_id="")
    assert (await refusal_of(linked.person.ledger.LinkGroupToBook(other))).reason == "REQUEST_ID_REUSED"


async def test_a_book_follows_a_group_for_a_member_once(linked: Linked) -> None:
    refusal = await refusal_of(linked.person.ledger.LinkGroupToBook(linking(linked.book, linked.circle)))
    assert (refusal.reason, refusal.metadata["link_id"]) == ("ALREADY_LINKED", linked.link.id)


async def test_one_that_ended_begins_again_with_what_is_said_now(linked: Linked) -> None:
    ended = await linked.unlink(keep=True)
    assert ended.state == ENDED
    again = await linked.link_again(paid_from_account_id="")
    assert (again.id, again.state, again.paid_from_account_id) == (ended.id, ACTIVE, "")
    assert again.created_at == ended.created_at


async def test_who_is_not_in_the_group_does_not_find_it(linked: Linked, bob: Person) -> None:
    await share(linked.person, linked.book.id, bob)
    missing = await refusal_of(bob.ledger.LinkGroupToBook(linking(linked.book, linked.circle, group_id=new_id())))
    foreign = await refusal_of(bob.ledger.LinkGroupToBook(linking(linked.book, linked.circle)))
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)


async def test_who_is_not_in_the_book_does_not_find_it(linked: Linked, bob: Person) -> None:
    await share(linked.person, linked.circle.id, bob)
    assert (await refusal_of(bob.ledger.LinkGroupToBook(linking(linked.book, linked.circle)))).reason == "NOT_FOUND"


async def test_a_viewer_of_the_group_may_follow_and_a_viewer_of_the_book_may_not(linked: Linked, bob: Person) -> None:
    await share(linked.person, linked.circle.id, bob, VIEWER)
    await share(linked.person, linked.book.id, bob, VIEWER)
    refused = await refusal_of(bob.ledger.LinkGroupToBook(linking(linked.book, linked.circle)))
    assert refused.reason == "ROLE_TOO_LOW"


async def test_a_book_is_no_group(book: BookOf) -> None:
    request = ledger_links_pb2.LinkGroupToBookRequest(request_id=new_id(), book_id=book.id, group_id=book.id)
    assert (await refusal_of(book.person.ledger.LinkGroupToBook(request))).reason == "NOT_FOUND"


@pytest.mark.parametrize("field", ["paid_from_account_id", "default_category_id"])
async def test_what_it_names_must_be_there(book: BookOf, circle: Circle, field: str) -> None:
    request = linking(book, circle, **{field: new_id()})
    assert (await refusal_of(book.person.ledger.LinkGroupToBook(request))).reason == "NOT_FOUND"


@pytest.fixture
async def circle(linked: Linked) -> Circle:
    return linked.circle


async def test_categories_are_for_spending(book: BookOf, circle: Circle) -> None:
    named = ledger_links_pb2.LinkedCategory(name="Food", category_id=book.earning_id)
    refusal = await refusal_of(book.person.ledger.LinkGroupToBook(linking(book, circle, categories=[named])))
    assert (refusal.reason, refusal.fields) == ("CATEGORY_KIND_MISMATCH", ("categories[0].category_id",))


async def test_categories_out_of_use_are_refused(book: BookOf, circle: Circle) -> None:
    archive = ledger_categories_pb2.UpdateCategoryRequest(
        request_id=new_id(), book_id=book.id, category_id=book.spending_id, archived=True
    )
    await book.person.ledger.UpdateCategory(archive)
    assert (await refusal_of(book.person.ledger.LinkGroupToBook(linking(book, circle)))).reason == "CATEGORY_ARCHIVED"


@pytest.mark.parametrize("names", [("Food", " food"), (" ",)])
async def test_each_of_the_groups_categories_is_named_once(
    book: BookOf, circle: Circle, names: tuple[str, ...]
) -> None:
    named = [ledger_links_pb2.LinkedCategory(name=name, category_id=book.spending_id) for name in names]
    refusal = await refusal_of(book.person.ledger.LinkGroupToBook(linking(book, circle, categories=named)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (f"categories[{len(names) - 1}].name",))


async def test_a_device_that_was_offline_links_too(book: BookOf, circle: Circle) -> None:
    category = await make_category(book, "Fun")
    request = linking(book, circle, default_category_id=category)
    mutation = sync_mutation_pb2.Mutation(link_group_to_book=request)
    push = sync_service_pb2.PushRequest(space_id=book.id, mutations=[mutation])
    (result,) = (await book.person.sync.Push(push)).results
    answer = ledger_links_pb2.LinkGroupToBookResponse.FromString(result.answer)
    assert (answer.link.state, answer.link.default_category_id) == (ACTIVE, category)
