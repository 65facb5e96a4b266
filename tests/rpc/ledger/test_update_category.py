"""What UpdateCategory promises."""

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import INCOME, archive, chain, delete, get, make, update, update_request
from rpc.ledger.promises import keeps_the_promises_of_a_write

DEPTH_MAX = 10


async def test_update_category_changes_only_what_is_given(book: BookOf) -> None:
    made = await make(book, icon="loaf", color="#A0522D", position=3, parent_id=book.spending_id)
    after = await update(book, made.id, name=" Rolls ", position=5)
    assert (after.name, after.position) == ("Rolls", 5)
    assert (after.icon, after.color, after.parent_id) == (made.icon, made.color, made.parent_id)
    assert await get(book, made.id) == after


async def test_update_category_takes_one_to_the_top_by_the_mask(book: BookOf) -> None:
    made = await make(book, icon="loaf", parent_id=book.spending_id)
    after = await update(book, made.id, "parent_id", "icon")
    assert (after.parent_id, after.icon, after.name) == ("", "", made.name)


async def test_update_category_moves_one_with_all_that_is_below_it(book: BookOf) -> None:
    top, middle, low = await chain(book, 3)
    await update(book, middle, parent_id=book.spending_id.upper())
    assert (await get(book, middle)).parent_id == book.spending_id
    assert (await get(book, low)).parent_id == middle
    assert (await get(book, top)).parent_id == ""


async def test_update_category_saying_what_is_so_already_changes_nothing(book: BookOf) -> None:
    made = await make(book, parent_id=book.spending_id)
    await archive(book, book.spending_id)
    # The parent would be refused now, but the category is below it already.
    assert await update(book, made.id, name=made.name, parent_id=made.parent_id.upper()) == made


async def test_update_category_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request = update_request(book, book.spending_id, name="Groceries")
    await keeps_the_promises_of_a_write(book, "UpdateCategory", request, name="Other")


async def test_update_category_archives_it_and_takes_it_back_into_use(book: BookOf) -> None:
    assert (await archive(book, book.spending_id)).archived
    refusal = await refusal_of(book.spend(category_id=book.spending_id))
    assert refusal.reason == "CATEGORY_ARCHIVED"
    assert not (await update(book, book.spending_id, "archived")).archived
    assert (await book.spend(category_id=book.spending_id)).transaction.id


async def test_update_category_archiving_leaves_what_is_below_in_use(book: BookOf) -> None:
    below = await make(book, parent_id=book.spending_id)
    await archive(book, book.spending_id)
    assert not (await get(book, below.id)).archived
    assert (await book.spend(category_id=below.id)).transaction.id


async def test_update_category_refuses_a_parent_of_the_other_kind(book: BookOf) -> None:
    refusal = await refusal_of(update(book, book.spending_id, parent_id=book.earning_id))
    assert (refusal.reason, refusal.fields) == ("CATEGORY_KIND_MISMATCH", ("parent_id",))


async def test_update_category_refuses_an_archived_parent(book: BookOf) -> None:
    other = await make(book)
    await archive(book, other.id)
    refusal = await refusal_of(update(book, book.spending_id, parent_id=other.id))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CATEGORY_ARCHIVED")


@pytest.mark.parametrize("below", [0, 1, 2])
async def test_update_category_refuses_to_be_part_of_itself(book: BookOf, below: int) -> None:
    ids = await chain(book, 3)
    refusal = await refusal_of(update(book, ids[0], parent_id=ids[below]))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CATEGORY_CYCLE")


async def test_update_category_goes_only_so_deep_with_all_that_is_below_it(book: BookOf) -> None:
    deep, branch = await chain(book, DEPTH_MAX - 1), await chain(book, 2)
    refusal = await refusal_of(update(book, branch[0], parent_id=deep[-1]))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("parent_id",))
    assert (await update(book, branch[0], parent_id=deep[-2])).parent_id == deep[-2]


async def test_update_category_does_not_see_what_is_not_there(book: BookOf, bob: Person) -> None:
    gone, theirs = await make(book), await make_book(bob)
    await delete(book, gone.id)
    for missing in (gone.id, theirs.spending_id, new_id()):
        assert (await refusal_of(update(book, missing, name="x"))).reason == "NOT_FOUND"
        assert (await refusal_of(update(book, book.spending_id, parent_id=missing))).reason == "NOT_FOUND"


@pytest.mark.parametrize("paths", [["kind"], ["name", "book_id"], ["version"]], ids=str)
async def test_update_category_refuses_a_mask_of_what_cannot_change(book: BookOf, paths: list[str]) -> None:
    refusal = await refusal_of(update(book, book.spending_id, *paths, name="x"))
    assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))


async def test_update_category_cannot_lose_its_name(book: BookOf) -> None:
    for request in (
        update_request(book, book.spending_id, "name"),
        update_request(book, book.spending_id, "*"),
        update_request(book, book.spending_id, name=" "),
    ):
        refusal = await refusal_of(book.person.ledger.UpdateCategory(request))
        assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("name",))


async def test_update_category_on_an_older_version_is_stale_only_where_the_two_meet(book: BookOf) -> None:
    made = await make(book)
    await update(book, made.id, name="Theirs")
    refusal = await refusal_of(update(book, made.id, name="Mine", base_version=made.version))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    after = await update(book, made.id, icon="loaf", base_version=made.version)
    assert (after.name, after.icon) == ("Theirs", "loaf")


async def test_update_category_all_by_the_star(book: BookOf) -> None:
    made = await make(book, "Tips", kind=INCOME, parent_id=book.earning_id, icon="coin", position=4)
    after = await update(book, made.id, "*", name="Tips")
    assert (after.name, after.parent_id, after.icon, after.position) == ("Tips", "", "", 0)
    assert after.kind == INCOME
