"""What becomes of what an app does: it waits, is answered, and is kept until the copy has it. Recorded answers, and a file."""

import pytest
from google.protobuf.message import Message

from sdk_python.copies import settle, tag, tags
from sdk_python.pages import BOOK, CASH, FOOD, account, change_of, expense, furnished, page, some_id
from tallystick_client import new_id
from tallystick_client.offline import (
    CommandTooLarge,
    OfflineBook,
    WrongSpace,
)
from tallystick_client.offline.commands import command_in
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.group_activity_pb2 import AddCommentRequest, ExpenseComment
from tallystick_client.v1.group_expenses_pb2 import (
    BatchCreateExpensesRequest,
    CreateExpenseRequest,
    Expense,
    ExpenseDraft,
)
from tallystick_client.v1.group_members_pb2 import AddGuestRequest, LeaveGroupRequest
from tallystick_client.v1.group_plans_pb2 import (
    CancelSettlementPlanRequest,
    CreateSettlementPlanRequest,
    SettlementPlan,
)
from tallystick_client.v1.group_recurring_pb2 import CreateRecurringExpenseRequest, RecurringExpense
from tallystick_client.v1.group_settlements_pb2 import (
    DisputeSettlementRequest,
    RecordSettlementRequest,
    ReverseSettlementRequest,
    Settlement,
)
from tallystick_client.v1.ledger_accounts_pb2 import UpdateAccountRequest
from tallystick_client.v1.ledger_labels_pb2 import CreateTagRequest, Tag, UpdateTagRequest
from tallystick_client.v1.ledger_links_pb2 import (
    GroupLink,
    LinkGroupToBookRequest,
    UnlinkGroupRequest,
    UpdateGroupLinkRequest,
)
from tallystick_client.v1.ledger_pb2 import Account, Transaction, TransactionDraft
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.ledger_transactions_pb2 import (
    BatchDeleteTransactionsRequest,
    UpdateTransactionRequest,
)
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.space_pb2 import Member
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice, ResolveConflictRequest
from tallystick_client.v1.sync_pb2 import (
    Conflict,
    ConflictState,
    MutationResult,
    Outcome,
    Rejection,
    Replaced,
    ResetReason,
)
from tallystick_client.v1.sync_service_pb2 import PushResponse

ONE, TWO = some_id(0x101), some_id(0x102)
REUSED = Rejection(reason=ErrorReason.ERROR_REASON_REQUEST_ID_REUSED)
TAKEN = Rejection(reason=ErrorReason.ERROR_REASON_ID_TAKEN)
LOCKED = Rejection(reason=ErrorReason.ERROR_REASON_ENTRY_RECONCILED)


def test_a_space_that_went_back_in_time_is_sent_what_it_has_lost(book: OfflineBook) -> None:
    book.take_page(furnished())
    tag(book)
    settle(book, outcome=Outcome.OUTCOME_APPLIED, version=9)
    assert book.waiting == 0
    book.take_page(page("then", change_of(account(), 1), reset=ResetReason.RESET_REASON_EPOCH))
    assert book.waiting == 1
    assert tags(book) == ["trip"]


def test_what_is_done_stays_on_the_screen_until_the_copy_has_it(book: OfflineBook) -> None:
    book.take_page(furnished())
    tag(book, tag_id=ONE)
    settle(book, outcome=Outcome.OUTCOME_APPLIED, version=7)
    assert book.waiting == 0
    assert tags(book) == ["trip"]
    assert book.is_pending(Tag, ONE)
    book.take_page(page("at 6", change_of(account(), 6)))
    assert tags(book) == ["trip"]
    book.take_page(page("at 7", change_of(Tag(id=ONE, name="trip"), 7)))
    assert tags(book) == ["trip"]
    assert not book.is_pending(Tag, ONE)


def test_what_changes_nothing_is_done_at_once(book: OfflineBook) -> None:
    book.take_page(furnished())
    book.do(UpdateAccountRequest(account_id=CASH, name="Cash"))
    settle(book, outcome=Outcome.OUTCOME_APPLIED, version=0)
    assert not book.is_pending(Account, CASH)


def test_a_mutation_says_what_it_was_made_on(book: OfflineBook) -> None:
    book.take_page(furnished(change_of(expense(ONE), 4), change_of(expense(TWO), 5)))
    made = tag(book, tag_id=some_id(0x7))
    renamed = book.do(UpdateTagRequest(tag_id=some_id(0x7), name="journey"))
    book.do(UpdateTransactionRequest(transaction_id=ONE.upper(), change=TransactionDraft(note="a")))
    book.do(BatchDeleteTransactionsRequest(transaction_ids=[ONE, TWO]))
    first, second, third, fourth = book.next_push()
    assert not first.HasField("base_version")
    assert not first.seen_request_ids
    assert first.made_at.seconds > 0
    assert not second.HasField("base_version")
    assert second.seen_request_ids == [made]
    assert (third.base_version, list(third.seen_request_ids)) == (4, [])
    assert fourth.base_version == 5
    assert fourth.seen_request_ids == [command_in(third).request_id]
    assert command_in(second).request_id == renamed
    assert {command_in(each).book_id for each in (first, second, third, fourth)} == {BOOK}


def test_ids_are_made_where_the_app_makes_none(book: OfflineBook) -> None:
    command = CreateTransactionRequest(account_id=CASH, amount=Money(currency="EUR", minor=1))
    request_id = book.do(command)
    made = book.next_push()[0].create_transaction
    assert made.request_id == request_id
    assert made.transaction_id
    assert made.book_id == BOOK
    assert command.request_id == "", "the app's own message stays as it is"


def test_the_same_request_id_is_one_command(book: OfflineBook) -> None:
    command = CreateTagRequest(request_id=new_id(), name="trip")
    assert book.do(command) == book.do(command)
    assert book.waiting == 1


def test_the_commands_of_another_space_are_refused(book: OfflineBook) -> None:
    with pytest.raises(WrongSpace):
        book.do(CreateTagRequest(book_id=some_id(2), name="trip"))
    with pytest.raises(TypeError):
        book.do(Tag())


def test_a_command_that_no_push_can_hold_is_refused(book: OfflineBook) -> None:
    with pytest.raises(CommandTooLarge):
        tag(book, "x" * 1_000_001)
    assert book.waiting == 0


def test_a_push_is_not_too_large(book: OfflineBook) -> None:
    for _ in range(5):
        tag(book, "x" * 300_000)
    assert len(book.next_push()) == 3
    for _ in range(3):
        settle(book, outcome=Outcome.OUTCOME_APPLIED)
    assert len(book.next_push()) == 2


def test_what_others_had_is_offered(book: OfflineBook) -> None:
    book.take_page(furnished())
    book.do(UpdateAccountRequest(account_id=CASH, name="Purse"))
    before = change_of(account(name="Wallet"), 4).entity
    settle(book, outcome=Outcome.OUTCOME_MERGED, version=5, replaced=[Replaced(before=before, groups=["name"])])
    ((number, replaced),) = book.replaced()
    assert replaced.before.account.name == "Wallet"
    book.dismiss_replaced(number)
    assert book.replaced() == []


def test_what_is_refused_lies_in_the_tray_with_what_stands_behind_it(book: OfflineBook) -> None:
    book.take_page(furnished())
    first, second = tag(book, tag_id=ONE), book.do(UpdateTagRequest(tag_id=ONE, name="journey"))
    other = tag(book, "other")
    book.take_results(
        PushResponse(
            results=[
                MutationResult(request_id=first, outcome=Outcome.OUTCOME_REJECTED, rejection=LOCKED),
                MutationResult(request_id=second, outcome=Outcome.OUTCOME_BLOCKED_BY, blocked_by=first),
                MutationResult(request_id=other, outcome=Outcome.OUTCOME_APPLIED, version=4),
            ]
        )
    )
    assert tags(book) == ["other"]
    parked, behind = book.tray()
    assert (parked.request_id, parked.command.name, parked.rejection) == (first, "trip", LOCKED)
    assert (behind.request_id, behind.blocked_by, behind.rejection) == (second, first, None)
    assert book.waiting == 0
    # The same request_id again is the same command, which has failed.
    book.do(CreateTagRequest(request_id=first, name="trip"))
    assert book.waiting == 0
    fresh = book.retry(first)
    assert set(fresh) == {first, second}
    assert book.tray() == []
    assert tags(book) == ["journey", "other"]
    again, behind_again = book.next_push()
    assert command_in(again).request_id == fresh[first] != first
    assert behind_again.seen_request_ids == [fresh[first]]


def test_what_is_in_the_tray_can_be_given_up(book: OfflineBook) -> None:
    book.take_page(furnished())
    first, second = tag(book, tag_id=ONE), book.do(UpdateTagRequest(tag_id=ONE, name="journey"))
    refused = PushResponse(
        results=[
            MutationResult(request_id=first, outcome=Outcome.OUTCOME_REJECTED, rejection=LOCKED),
            MutationResult(request_id=second, outcome=Outcome.OUTCOME_BLOCKED_BY, blocked_by=first),
        ]
    )
    book.take_results(refused)
    book.discard(first)
    assert [each.request_id for each in book.tray()] == [second]
    book.discard(second, also_blocked=True)
    assert book.tray() == []


def test_a_conflict_keeps_what_met(book: OfflineBook) -> None:
    book.take_page(furnished(change_of(expense(ONE), 4)))
    request_id = book.do(UpdateTransactionRequest(transaction_id=ONE, change=TransactionDraft(booked_on="2026-03-03")))
    mutation = book.next_push()[0]
    settle(book, outcome=Outcome.OUTCOME_CONFLICT, version=6)
    assert book.waiting == 0
    assert book.tray() == []
    conflict = Conflict(
        id=TWO,
        space_id=BOOK,
        target_kind="transaction",
        target_id=ONE,
        state=ConflictState.CONFLICT_STATE_OPEN,
        mutation=mutation,
    )
    theirs = expense(ONE, booked_on="2026-04-04")
    book.take_page(page("at 6", change_of(theirs, 5), change_of(conflict, 6)))
    (open_one,) = book.conflicts()
    assert open_one.mutation.update_transaction.request_id == request_id
    book.resolve(open_one, ConflictChoice.CONFLICT_CHOICE_TAKE_MINE)
    assert book.conflicts() == []
    decided = book.next_push()[0].resolve_conflict
    assert (decided.space_id, decided.conflict_id, decided.target_version) == (BOOK, TWO, 5)
    shown = book.get(Transaction, ONE)
    assert shown is not None
    assert shown.booked_on == "2026-03-03"


def test_a_conflict_can_be_left_as_it_is_there(book: OfflineBook) -> None:
    conflict = Conflict(id=TWO, target_kind="account", target_id=CASH, state=ConflictState.CONFLICT_STATE_OPEN)
    book.take_page(furnished(change_of(conflict, 4)))
    book.do(ResolveConflictRequest(conflict_id=TWO, choice=ConflictChoice.CONFLICT_CHOICE_KEEP_THEIRS))
    assert book.conflicts() == []
    assert book.list(Conflict)[0].state == ConflictState.CONFLICT_STATE_KEPT_THEIRS
    assert [each.name for each in book.list(Account)] == ["Cash", "Bank"]


def test_a_request_id_that_a_clone_has_used_is_replaced(book: OfflineBook) -> None:
    book.take_page(furnished())
    first, second = tag(book, tag_id=ONE), book.do(UpdateTagRequest(tag_id=ONE, name="journey"))
    book.take_results(
        PushResponse(
            results=[
                MutationResult(request_id=first, outcome=Outcome.OUTCOME_REJECTED, rejection=REUSED),
                MutationResult(request_id=second, outcome=Outcome.OUTCOME_BLOCKED_BY, blocked_by=first),
            ]
        )
    )
    assert book.tray() == []
    again, behind = book.next_push()
    assert {command_in(again).request_id, command_in(behind).request_id}.isdisjoint({first, second})
    assert behind.seen_request_ids == [command_in(again).request_id]
    assert tags(book) == ["journey"]


def test_a_new_request_id_is_replaced_only_once(book: OfflineBook) -> None:
    tag(book)
    for _ in range(2):
        assert book.waiting == 1
        settle(book, outcome=Outcome.OUTCOME_REJECTED, rejection=REUSED)
    assert book.waiting == 0
    assert len(book.tray()) == 1


@pytest.mark.parametrize("is_there", [True, False])
def test_what_a_clone_has_made_is_not_made_twice(book: OfflineBook, is_there: bool) -> None:
    book.take_page(furnished())
    tag(book, tag_id=ONE)
    settle(book, outcome=Outcome.OUTCOME_REJECTED, rejection=REUSED)
    settle(book, outcome=Outcome.OUTCOME_REJECTED, rejection=TAKEN)
    assert book.waiting == 0
    news = change_of(Tag(id=ONE, name="trip"), 4) if is_there else change_of(account(), 4)
    book.take_page(page("at 4", news))
    assert len(book.tray()) == (0 if is_there else 1)
    assert tags(book) == (["trip"] if is_there else [])


def test_an_id_that_is_taken_is_otherwise_for_the_tray(book: OfflineBook) -> None:
    tag(book, tag_id=ONE)
    settle(book, outcome=Outcome.OUTCOME_REJECTED, rejection=TAKEN)
    assert len(book.tray()) == 1


def test_commands_of_groups_get_the_ids_of_what_they_make(book: OfflineBook) -> None:
    draft = ExpenseDraft(booked_on="2026-02-03", amount=Money(currency="EUR", minor=1))
    commands: list[Message] = [
        CreateExpenseRequest(expense=draft),
        BatchCreateExpensesRequest(expenses=[draft, draft]),
        AddGuestRequest(display_name="Gus"),
        AddCommentRequest(expense_id=ONE, text="x"),
        CreateRecurringExpenseRequest(draft=draft),
        CreateSettlementPlanRequest(),
        RecordSettlementRequest(to_member_id=ONE),
    ]
    for command in commands:
        book.do(command)
    made = [command_in(each) for each in book.next_push()]
    assert {each.group_id for each in made} == {BOOK}
    expense, batch, guest, comment, recurring, plan, settlement = made
    ids = [expense.expense.expense_id, *(each.expense_id for each in batch.expenses), guest.member_id]
    ids += [comment.comment_id, recurring.recurring_id, plan.plan_id, settlement.settlement_id]
    assert len(set(ids) - {""}) == 8
    kinds = [Expense, Expense, Expense, Member, ExpenseComment, RecurringExpense, SettlementPlan, Settlement]
    assert all(book.is_pending(kind, each) for kind, each in zip(kinds, ids, strict=True))


def test_the_group_that_a_book_follows_is_another_space(book: OfflineBook) -> None:
    book.take_page(furnished(change_of(GroupLink(id=ONE), 4), change_of(account(), 5)))
    book.do(LinkGroupToBookRequest(group_id=TWO))
    book.do(UpdateGroupLinkRequest(link_id=ONE, default_category_id=FOOD.upper()))
    link = book.get(GroupLink, ONE)
    assert link is not None
    assert link.default_category_id == FOOD
    # It changes all that the link has made: it is made on the copy as it is.
    book.do(UnlinkGroupRequest(link_id=ONE))
    made, updated, ended = book.next_push()
    assert (made.link_group_to_book.book_id, made.link_group_to_book.group_id) == (BOOK, TWO)
    assert not made.HasField("base_version")
    assert (updated.base_version, ended.base_version) == (4, 5)
    assert list(ended.seen_request_ids) == [command_in(updated).request_id]


def test_what_pays_a_plan_is_about_the_plan(book: OfflineBook) -> None:
    paid = Settlement(id=ONE, plan_id=some_id(0x51))
    book.take_page(furnished(change_of(paid, 4), change_of(SettlementPlan(id=some_id(0x51)), 6)))
    recorded = book.do(RecordSettlementRequest(settlement_id=TWO, plan_id=some_id(0x52), plan_line=0))
    book.do(ReverseSettlementRequest(settlement_id=TWO))
    book.do(CancelSettlementPlanRequest(plan_id=some_id(0x52)))
    book.do(DisputeSettlementRequest(settlement_id=ONE))
    first, second, third, fourth = book.next_push()
    assert book.is_pending(SettlementPlan, some_id(0x52))
    assert list(second.seen_request_ids) == [recorded]
    assert list(third.seen_request_ids) == [recorded, command_in(second).request_id]
    assert [each.HasField("base_version") for each in (first, second, third)] == [False] * 3
    assert (fourth.base_version, list(fourth.seen_request_ids)) == (6, [])


def test_whoever_leaves_may_be_named_by_nobody(book: OfflineBook) -> None:
    book.do(LeaveGroupRequest())
    (left,) = book.next_push()
    assert not left.HasField("base_version")
    assert left.leave_group.group_id == BOOK
