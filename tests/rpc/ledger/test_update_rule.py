"""What UpdateRule promises."""

from typing import Any

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import archive
from rpc.ledger.labels import TAGS
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.ledger.rule_book import delete_rule, euros, get_rule, make_rule, update_rule, update_rule_request
from tallystick_client.v1.ledger_rules_pb2 import RuleCondition, RuleOutcome


async def test_update_rule_changes_only_what_is_given(book: BookOf) -> None:
    made = await make_rule(book, position=4, category_id=book.spending_id)
    after = await update_rule(book, made.id, name=" Rolls ", when=RuleCondition(text_contains="roll"))
    assert (after.name, after.position, after.then) == ("Rolls", 4, made.then)
    assert after.when == RuleCondition(text_contains="roll")
    assert await get_rule(book, made.id) == after


async def test_update_rule_by_the_mask(book: BookOf) -> None:
    made = await make_rule(book, position=4, category_id=book.spending_id)
    assert (await update_rule(book, made.id, "position", name="ignored")).position == 0
    assert (await update_rule(book, made.id, disabled=True)).disabled
    after = await update_rule(book, made.id, "disabled")
    assert (after.disabled, after.name) == (False, made.name)


async def test_update_rule_saying_what_is_so_already_changes_nothing(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    same = RuleOutcome(category_id=book.spending_id.upper())
    assert await update_rule(book, made.id, name=made.name, then=same) == made


async def test_update_rule_keeps_the_promises_of_a_write(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    request = update_rule_request(book, made.id, name="Rolls")
    await keeps_the_promises_of_a_write(book, "UpdateRule", request, name="Other")


@pytest.mark.parametrize(
    ("paths", "fields", "reason", "field"),
    [
        (["name"], {}, "INVALID_FIELD", "name"),
        ([], {"name": " "}, "INVALID_FIELD", "name"),
        (["when"], {}, "INVALID_FIELD", "when"),
        (["then"], {}, "INVALID_FIELD", "then"),
        (["*"], {"name": "x", "when": RuleCondition(payee_contains="x")}, "INVALID_FIELD", "then"),
        ([], {"when": RuleCondition(payee_contains=" ")}, "INVALID_FIELD", "when"),
        ([], {"when": RuleCondition(min_amount=euros(-5))}, "INVALID_FIELD", "when.min_amount.minor"),
        (["version"], {}, "INVALID_UPDATE_MASK", "update_mask"),
        (["when.payee_id"], {}, "INVALID_UPDATE_MASK", "update_mask"),
    ],
    ids=str,
)
async def test_update_rule_refuses(
    book: BookOf, paths: list[str], fields: dict[str, Any], reason: str, field: str
) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    refusal = await refusal_of(update_rule(book, made.id, *paths, **fields))
    assert (refusal.reason, refusal.fields) == (reason, (field,))


async def test_update_rule_lets_stay_what_it_has_and_refuses_what_is_new(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    await archive(book, book.spending_id)
    tag = await TAGS.make(book)
    then = RuleOutcome(category_id=book.spending_id, tag_ids=[tag.id])
    assert list((await update_rule(book, made.id, then=then)).then.tag_ids) == [tag.id]
    other = await make_rule(book, tag_ids=[tag.id])
    refusal = await refusal_of(update_rule(book, other.id, then=then))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CATEGORY_ARCHIVED")


async def test_update_rule_does_not_see_what_is_not_there(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    made, gone = [await make_rule(book, category_id=book.spending_id) for _ in range(2)]
    await delete_rule(book, gone.id)
    foreign = await make_rule(theirs, category_id=theirs.spending_id)
    for missing in (gone.id, foreign.id, new_id()):
        assert (await refusal_of(update_rule(book, missing, name="x"))).reason == "NOT_FOUND"
    for fields in (
        {"then": RuleOutcome(category_id=theirs.spending_id)},
        {"when": RuleCondition(account_id=theirs.account_id)},
    ):
        assert (await refusal_of(update_rule(book, made.id, **fields))).reason == "NOT_FOUND"


async def test_update_rule_on_an_older_version_is_stale_only_where_the_two_meet(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    await update_rule(book, made.id, when=RuleCondition(text_contains="theirs"))
    refusal = await refusal_of(
        update_rule(book, made.id, when=RuleCondition(text_contains="mine"), base_version=made.version)
    )
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    after = await update_rule(book, made.id, name="Mine", base_version=made.version)
    assert (after.name, after.when.text_contains) == ("Mine", "theirs")
