"""What UpdateGroupLink promises."""

from typing import Any

import pytest

from linked import ACTIVE, ENDED, Linked, make_category
from people import Person, new_id, refusal_of
from rpc.spaces.sharing import VIEWER, share
from tallystick_client.v1 import ledger_categories_pb2, ledger_links_pb2


def changing(linked: Linked, **other: Any) -> ledger_links_pb2.UpdateGroupLinkRequest:
    usual: dict[str, Any] = {"request_id": new_id(), "book_id": linked.book.id, "link_id": linked.link.id}
    return ledger_links_pb2.UpdateGroupLinkRequest(**usual | other)


async def test_it_changes_what_the_mask_names(linked: Linked) -> None:
    fun = await make_category(linked.book, "Fun")
    named = ledger_links_pb2.LinkedCategory(name=" Cinema ", category_id=fun)
    after = await linked.update("categories", "paid_from_account_id", categories=[named])
    assert [(each.name, each.category_id) for each in after.categories] == [("Cinema", fun)]
    assert (after.paid_from_account_id, after.default_category_id) == ("", linked.book.spending_id)
    assert after.version > linked.link.version


async def test_what_is_there_keeps_its_category(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    await linked.update(default_category_id=await make_category(linked.book, "Fun"))
    await linked.change(expense.id, description="Supper")
    await linked.caught_up()
    assert (await linked.of(expense.id))["EXPENSE"].entries[0].category_id == linked.book.spending_id


async def test_saying_what_is_so_already_changes_nothing(linked: Linked) -> None:
    after = await linked.update(default_category_id=linked.book.spending_id.upper())
    assert after == linked.link


async def test_a_link_that_had_stopped_goes_on_for_its_user(linked: Linked, bob: Person) -> None:
    await share(linked.person, linked.book.id, bob)
    await linked.circle.spend(9000)
    await linked.caught_up()
    await linked.unlink(keep=True)
    await linked.circle.spend(600)
    assert (await bob.ledger.UpdateGroupLink(changing(linked))).link.state == ENDED
    assert (await linked.update()).state == ACTIVE
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 3200}


async def test_a_repeat_gets_the_same_answer_and_another_body_none(linked: Linked) -> None:
    request = changing(linked, default_category_id=await make_category(linked.book, "Fun"))
    first = await linked.person.ledger.UpdateGroupLink(request)
    assert await linked.person.ledger.UpdateGroupLink(request) == first
    request.default_category_id = linked.book.spending_id
    assert (await refusal_of(linked.person.ledger.UpdateGroupLink(request))).reason == "REQUEST_ID_REUSED"


async def test_who_has_not_seen_the_last_change_is_told(linked: Linked) -> None:
    await linked.update(default_category_id=await make_category(linked.book, "Fun"))
    late = changing(
        linked, default_category_id=await make_category(linked.book, "Food"), base_version=linked.link.version
    )
    assert (await refusal_of(linked.person.ledger.UpdateGroupLink(late))).reason == "STALE_VERSION"


async def test_following_is_no_change_that_one_must_have_seen(linked: Linked) -> None:
    await linked.circle.spend(9000)
    await linked.caught_up()
    category_id = await make_category(linked.book, "Fun")
    after = await linked.update(default_category_id=category_id, base_version=linked.link.version)
    assert after.default_category_id == category_id


async def test_an_unknown_field_is_refused(linked: Linked) -> None:
    refused = await refusal_of(linked.update("group_id"))
    assert refused.reason == "INVALID_UPDATE_MASK"


@pytest.mark.parametrize("field", ["paid_from_account_id", "default_category_id"])
async def test_what_it_names_must_be_there(linked: Linked, field: str) -> None:
    assert (await refusal_of(linked.update(**{field: new_id()}))).reason == "NOT_FOUND"


async def test_what_was_made_for_the_link_pays_nothing(linked: Linked) -> None:
    await linked.circle.spend(9000)
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts
    refused = await refusal_of(linked.update(paid_from_account_id=made.receivable_account_id))
    assert (refused.reason, refused.fields) == ("SAME_ACCOUNT", ("paid_from_account_id",))


async def test_categories_are_for_spending_and_in_use(linked: Linked) -> None:
    refused = await refusal_of(linked.update(default_category_id=linked.book.earning_id))
    assert refused.reason == "CATEGORY_KIND_MISMATCH"
    old = await make_category(linked.book, "Old")
    archive = ledger_categories_pb2.UpdateCategoryRequest(
        request_id=new_id(), book_id=linked.book.id, category_id=old, archived=True
    )
    await linked.person.ledger.UpdateCategory(archive)
    assert (await refusal_of(linked.update(default_category_id=old))).reason == "CATEGORY_ARCHIVED"


async def test_viewers_and_strangers_may_not(linked: Linked, bob: Person) -> None:
    assert (await refusal_of(bob.ledger.UpdateGroupLink(changing(linked)))).reason == "NOT_FOUND"
    await share(linked.person, linked.book.id, bob, VIEWER)
    assert (await refusal_of(bob.ledger.UpdateGroupLink(changing(linked)))).reason == "ROLE_TOO_LOW"


async def test_a_link_that_is_not_there_is_not_found(linked: Linked) -> None:
    assert (await refusal_of(linked.person.ledger.UpdateGroupLink(changing(linked, link_id=new_id())))).reason == (
        "NOT_FOUND"
    )
