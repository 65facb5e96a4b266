"""What Push promises."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import shared_with
from rpc.sync.copy import Copy, mutation
from tallystick.app import App
from tallystick_client.v1 import ledger_pb2
from tallystick_client.v1.auth_service_pb2 import UpdateMeRequest
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.identity_pb2 import User
from tallystick_client.v1.ledger_accounts_pb2 import ReconcileAccountRequest, UpdateAccountRequest
from tallystick_client.v1.ledger_categories_pb2 import MergeCategoriesRequest
from tallystick_client.v1.ledger_labels_pb2 import CreateTagRequest
from tallystick_client.v1.ledger_pb2 import Transaction, TransactionDraft
from tallystick_client.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateCategoryRequest,
    CreateTransactionResponse,
)
from tallystick_client.v1.ledger_transactions_pb2 import (
    DeleteTransactionRequest,
    UpdateTransactionRequest,
)
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import Member
from tallystick_client.v1.space_service_pb2 import UpdateMemberRequest
from tallystick_client.v1.sync_pb2 import Outcome
from tallystick_client.v1.sync_service_pb2 import PushRequest

VIEWER = Role.ROLE_VIEWER
CASH = ledger_pb2.AccountType.ACCOUNT_TYPE_CASH
BANK = ledger_pb2.AccountType.ACCOUNT_TYPE_CHECKING


@pytest.fixture
async def copy(book: BookOf) -> Copy:
    return await Copy(book.person, book.id).pull()


def edit(book: BookOf, transaction_id: str, **change: Any) -> UpdateTransactionRequest:
    return UpdateTransactionRequest(
        request_id=new_id(), book_id=book.id, transaction_id=transaction_id, change=TransactionDraft(**change)
    )


def removal(book: BookOf, transaction_id: str) -> DeleteTransactionRequest:
    return DeleteTransactionRequest(request_id=new_id(), book_id=book.id, transaction_id=transaction_id)


def eur(minor: int) -> Money:
    return Money(currency="EUR", minor=minor)


def outcomes(results: Any) -> list[str]:
    return [Outcome.Name(result.outcome).removeprefix("OUTCOME_") for result in results]


def reason(result: Any) -> str:
    return ErrorReason.Name(result.rejection.reason).removeprefix("ERROR_REASON_")


async def test_push_does_what_the_call_does_and_answers_the_same(book: BookOf, copy: Copy) -> None:
    request = book.expense(250, transaction_id=new_id())
    (result,) = await copy.push(mutation(request))
    assert outcomes([result]) == ["APPLIED"]
    answer = CreateTransactionResponse.FromString(result.answer)
    # A call with the same request_id is a repeat of it, and the other way round.
    assert await book.person.ledger.CreateTransaction(request) == answer
    (again,) = await copy.push(mutation(request))
    assert (outcomes([again]), again.answer, again.version) == (["REPEATED"], result.answer, result.version)
    await copy.pull()
    assert copy.get(Transaction, "transaction", request.transaction_id) == answer.transaction
    assert answer.transaction.version == result.version


async def test_push_decides_each_mutation_on_what_those_before_it_did(book: BookOf, copy: Copy) -> None:
    account_id, spent_id = new_id(), new_id()
    opened = CreateAccountRequest(
        request_id=new_id(), book_id=book.id, account_id=account_id, name="Bank", type=BANK, currency="EUR"
    )
    spent = book.expense(300, account_id=account_id, transaction_id=spent_id)
    changed = edit(book, spent_id, amount=eur(200))
    results = await copy.push(
        mutation(opened),
        mutation(spent),
        mutation(changed, base=copy.head, seen=[spent.request_id]),
        mutation(book.expense(1)),
    )
    assert outcomes(results) == ["APPLIED"] * 4
    versions = [result.version for result in results]
    assert versions == list(range(copy.head + 1, copy.head + 5))
    await copy.pull()
    assert copy.get(Transaction, "transaction", spent_id).entries[0].amount.minor == -200


async def test_a_bad_mutation_stops_no_other(book: BookOf, copy: Copy) -> None:
    bad_id = new_id()
    results = await copy.push(
        mutation(book.expense(100)),
        mutation(book.expense(0, transaction_id=bad_id)),
        mutation(edit(book, bad_id, note="needs it")),
        mutation(book.expense(200, account_id=new_id())),
        mutation(book.expense(300)),
    )
    assert outcomes(results) == ["APPLIED", "REJECTED", "BLOCKED_BY", "REJECTED", "APPLIED"]
    assert results[2].blocked_by == results[1].request_id
    assert reason(results[3]) == "NOT_FOUND"
    assert await book.balance() == -400


async def test_a_mutation_that_breaks_the_contract_is_rejected_by_itself(book: BookOf, copy: Copy) -> None:
    broken = book.expense(100, booked_on="yesterday")
    results = await copy.push(mutation(broken), mutation(book.expense(100)))
    assert outcomes(results) == ["REJECTED", "APPLIED"]
    assert reason(results[0]) == "INVALID_FIELD"
    assert [violation.field for violation in results[0].rejection.violations] == ["create_transaction.booked_on"]


async def test_what_the_database_refuses_is_rejected_by_itself(book: BookOf, copy: Copy) -> None:
    """Found only when the commit is written: the others go into commits of their own."""
    taken = (await book.spend(100)).transaction.id
    requests = [book.expense(10, transaction_id=new_id()) for _ in range(6)]
    requests[3] = book.expense(10, transaction_id=taken)
    results = await copy.push(*map(mutation, requests))
    assert outcomes(results) == ["APPLIED"] * 3 + ["REJECTED"] + ["APPLIED"] * 2
    assert reason(results[3]) == "ID_TAKEN"
    assert await book.balance() == -150


async def test_another_body_under_a_used_id_is_rejected(book: BookOf, copy: Copy) -> None:
    spent = book.expense(100)
    await book.person.ledger.CreateTransaction(spent)
    other = book.expense(200, request_id=spent.request_id)
    (result,) = await copy.push(mutation(other))
    assert reason(result) == "REQUEST_ID_REUSED"


async def test_an_update_never_makes_what_is_not_there(book: BookOf, copy: Copy) -> None:
    (result,) = await copy.push(mutation(edit(book, new_id(), note="x"), base=copy.head))
    assert reason(result) == "NOT_FOUND"


async def test_a_viewer_s_commands_are_rejected_and_their_pulls_go_on(book: BookOf, bob: Person) -> None:
    household = await shared_with(book, bob, role=VIEWER)
    copy = await Copy(bob, book.id).pull()
    (result,) = await copy.push(mutation(household.expense(100)))
    assert reason(result) == "ROLE_TOO_LOW"
    await book.spend(100)
    assert (await copy.pull()).head == (await copy.status()).head


async def test_push_to_what_the_caller_is_not_in_is_not_found(book: BookOf, bob: Person) -> None:
    request = PushRequest(space_id=book.id, mutations=[mutation(book.expense(1))])
    assert (await refusal_of(bob.sync.Push(request))).reason == "NOT_FOUND"


async def test_a_command_of_another_space_is_rejected(book: BookOf, copy: Copy) -> None:
    other = await make_book(book.person)
    (result,) = await copy.push(mutation(other.expense(100)))
    assert reason(result) == "OTHER_SPACE"
    assert await other.balance() == 0


async def test_work_of_more_than_one_commit_is_done_in_its_turn(book: BookOf, copy: Copy) -> None:
    spare = CreateCategoryRequest(
        request_id=new_id(), book_id=book.id, category_id=new_id(), name="Spare", kind=ledger_pb2.CATEGORY_KIND_EXPENSE
    )
    merge = MergeCategoriesRequest(
        request_id=new_id(), book_id=book.id, category_id=spare.category_id, into_category_id=book.spending_id
    )
    statement = ReconcileAccountRequest(
        request_id=new_id(),
        book_id=book.id,
        account_id=book.account_id,
        statement_on="2026-02-03",
        statement_balance=eur(-100),
    )
    results = await copy.push(
        mutation(spare),
        mutation(book.expense(100, category_id=spare.category_id)),
        mutation(merge),
        mutation(statement),
        mutation(book.expense(1)),
    )
    assert outcomes(results) == ["APPLIED"] * 5
    await copy.pull()
    assert copy.rows["category", spare.category_id][1]


async def test_work_of_more_than_one_commit_that_is_pushed_twice_at_once_is_in_one_commit(
    book: BookOf, copy: Copy
) -> None:
    spare = CreateCategoryRequest(
        request_id=new_id(), book_id=book.id, category_id=new_id(), name="Spare", kind=ledger_pb2.CATEGORY_KIND_EXPENSE
    )
    await copy.push(mutation(spare), mutation(book.expense(100, category_id=spare.category_id)))
    merge = mutation(
        MergeCategoriesRequest(
            request_id=new_id(), book_id=book.id, category_id=spare.category_id, into_category_id=book.spending_id
        )
    )
    # Other writes get in between, so that the head has moved on before some of them are answered.
    pushes = [copy.push(merge, mutation(book.expense(1))) for _ in range(6)]
    found = [results[0] for results in await asyncio.gather(*pushes)]
    assert len({(result.version, result.answer) for result in found}) == 1
    await copy.pull()
    assert found[0].version == copy.rows["category", spare.category_id][0]


async def test_push_takes_no_seq_for_repeats_and_refusals(book: BookOf, copy: Copy) -> None:
    spent = mutation(book.expense(100))
    await copy.push(spent)
    head = (await copy.pull()).head
    await copy.push(spent, mutation(book.expense(0)), spent)
    assert (await copy.pull()).head == head


async def test_private_rows_are_in_nobody_else_s_copy(book: BookOf, bob: Person) -> None:
    await shared_with(book, bob)
    private = await book.person.ledger.CreateAccount(
        CreateAccountRequest(request_id=new_id(), book_id=book.id, name="Mine", type=CASH, currency="EUR", private=True)
    )
    spent = (await book.spend(100, account_id=private.account.id)).transaction
    mine, theirs = await Copy(book.person, book.id).pull(), await Copy(bob, book.id).pull()
    hidden = {("account", private.account.id), ("transaction", spent.id)}
    assert set(mine.rows) - set(theirs.rows) == hidden
    for each in (mine, theirs):
        status = await each.status()
        assert (status.live_count, status.digest) == (len(each.live), each.digest())
    # A conflict about what is private is private, too.
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, amount=eur(90)))
    (result,) = await mine.push(mutation(edit(book, spent.id, amount=eur(80)), base=spent.version))
    await theirs.pull()
    assert ("conflict", result.conflict.id) not in theirs.rows


async def test_what_becomes_private_leaves_the_copies_of_others(book: BookOf, bob: Person) -> None:
    await shared_with(book, bob)
    made = await book.person.ledger.CreateAccount(
        CreateAccountRequest(request_id=new_id(), book_id=book.id, name="Mine", type=CASH, currency="EUR")
    )
    theirs = await Copy(bob, book.id).pull()
    assert ("account", made.account.id) in theirs.rows
    await book.person.ledger.UpdateAccount(
        UpdateAccountRequest(request_id=new_id(), book_id=book.id, account_id=made.account.id, private=True)
    )
    await theirs.pull()
    assert len(theirs.resets) == 1
    assert ("account", made.account.id) not in theirs.rows


async def test_a_repeat_within_one_push_is_a_repeat(book: BookOf, copy: Copy) -> None:
    spent = mutation(book.expense(100))
    other = mutation(book.expense(200, request_id=spent.create_transaction.request_id))
    results = await copy.push(spent, spent, mutation(book.expense(1)), spent, other)
    assert outcomes(results) == ["APPLIED", "REPEATED", "APPLIED", "REPEATED", "REJECTED"]
    assert results[1].answer == results[3].answer == results[0].answer
    assert reason(results[4]) == "REQUEST_ID_REUSED"
    assert await book.balance() == -101


@pytest.mark.parametrize("bad", [0, 1, 17, 39])
async def test_one_bad_among_many_is_found(book: BookOf, copy: Copy, bad: int) -> None:
    requests = [book.expense(10) for _ in range(40)]
    requests[bad] = book.expense(10, account_id=new_id())
    results = await copy.push(*map(mutation, requests))
    assert outcomes(results) == ["REJECTED" if number == bad else "APPLIED" for number in range(40)]
    assert await book.balance() == -390
    # Each of them answers a repeat by itself, and each change names its own request.
    for request, result in list(zip(requests, results, strict=True))[bad + 1 : bad + 3]:
        assert await book.person.ledger.CreateTransaction(request) == CreateTransactionResponse.FromString(
            result.answer
        )


async def test_a_fault_of_the_server_holds_up_no_other_mutation(
    book: BookOf, copy: Copy, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = server.sync.registry.commands
    name = CreateTagRequest.DESCRIPTOR.full_name

    async def fail(tx: Any, request: Any) -> Any:
        raise KeyError("a fault")

    monkeypatch.setitem(commands, name, replace(commands[name], run=fail))
    results = await copy.push(
        mutation(book.expense(1)),
        mutation(CreateTagRequest(request_id=new_id(), book_id=book.id, name="x")),
        mutation(book.expense(2)),
    )
    assert outcomes(results) == ["APPLIED", "REJECTED", "APPLIED"]
    assert reason(results[1]) == "INTERNAL"
    assert await book.balance() == -3


async def test_a_home_is_copied_and_pushed_to_like_any_space(ann: Person) -> None:
    home = await Copy(ann, ann.user.home_id).pull()
    known = home.get(User, "profile", ann.user.id)
    assert known.display_name == "Ann"
    request = UpdateMeRequest(request_id=new_id(), display_name="Anna")
    assert outcomes(await home.push(mutation(request, base=known.version))) == ["APPLIED"]
    assert (await home.pull()).get(User, "profile", ann.user.id).display_name == "Anna"
    assert (await home.status()).digest == home.digest()


async def test_roles_are_pushed_and_judged_like_their_calls(book: BookOf, bob: Person) -> None:
    await shared_with(book, bob)
    copy = await Copy(book.person, book.id).pull()
    members = [Member.FromString(body) for (kind, _), body in copy.live.items() if kind == "member"]
    theirs = next(member for member in members if member.user_id == bob.user.id)
    own = next(member for member in members if member.user_id == book.person.user.id)
    changes = [
        UpdateMemberRequest(request_id=new_id(), space_id=book.id, member_id=each.id, role=VIEWER)
        for each in (theirs, own)
    ]
    results = await copy.push(*(mutation(change, base=copy.head) for change in changes))
    assert outcomes(results) == ["APPLIED", "REJECTED"]
    assert reason(results[1]) == "LAST_OWNER"
    # A change of roles costs nobody a new copy.
    await copy.pull()
    assert copy.resets == []
