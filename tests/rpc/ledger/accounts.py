"""How do tests arrange accounts? Short names for the calls that nearly every test of accounts makes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from people import BookOf, Person, new_id
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1 import ledger_accounts_pb2 as pb
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2, ledger_transactions_pb2
from tallystick_client.v1 import ledger_templates_pb2 as templates
from tallystick_client.v1.ledger_pb2 import Account, Transaction, TransactionDraft
from tallystick_client.v1.money_pb2 import Money

CHECKING = ledger_pb2.AccountType.ACCOUNT_TYPE_CHECKING
SAVINGS = ledger_pb2.AccountType.ACCOUNT_TYPE_SAVINGS
LOAN = ledger_pb2.AccountType.ACCOUNT_TYPE_LOAN
KINDS = ledger_pb2.TransactionKind
EXPENSE, INCOME = KINDS.TRANSACTION_KIND_EXPENSE, KINDS.TRANSACTION_KIND_INCOME
TRANSFER, REFUND = KINDS.TRANSACTION_KIND_TRANSFER, KINDS.TRANSACTION_KIND_REFUND
OPENING, ADJUSTMENT = KINDS.TRANSACTION_KIND_OPENING, KINDS.TRANSACTION_KIND_ADJUSTMENT
PENDING = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_PENDING
CLEARED = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_CLEARED
RECONCILED = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_RECONCILED
DAY = pb.BalanceStep.BALANCE_STEP_DAY
WEEK = pb.BalanceStep.BALANCE_STEP_WEEK
MONTH = pb.BalanceStep.BALANCE_STEP_MONTH


def eur(minor: int) -> Money:
    return Money(currency="EUR", minor=minor)


async def shared_with(book: BookOf, person: Person, role: Any = EDITOR) -> BookOf:
    """The book as another member of the household sees it."""
    await share(book.person, book.id, person, role)
    return replace(book, person=person)


def create_request(book: BookOf, **other: Any) -> ledger_service_pb2.CreateAccountRequest:
    fields: dict[str, Any] = {
        "request_id": new_id(),
        "book_id": book.id,
        "name": "Bank",
        "type": CHECKING,
        "currency": "EUR",
    }
    return ledger_service_pb2.CreateAccountRequest(**fields | other)


async def create(book: BookOf, **other: Any) -> ledger_service_pb2.CreateAccountResponse:
    made: ledger_service_pb2.CreateAccountResponse = await book.person.ledger.CreateAccount(
        create_request(book, **other)
    )
    return made


async def make(book: BookOf, **other: Any) -> Account:
    return (await create(book, **other)).account


async def opened(book: BookOf, minor: int, on: str = "2026-01-01", **other: Any) -> Account:
    """An account with an opening balance."""
    return await make(book, opening_balance=eur(minor), opening_on=on, **other)


def request(verb: str, book: BookOf, account_id: str, **other: Any) -> Any:
    """The request of one of the calls that change an account."""
    fields = {"request_id": new_id(), "book_id": book.id, "account_id": account_id}
    return getattr(pb, f"{verb}AccountRequest")(**fields | other)


async def call(verb: str, book: BookOf, account_id: str, **other: Any) -> Account:
    answer = await getattr(book.person.ledger, f"{verb}Account")(request(verb, book, account_id, **other))
    account: Account = answer.account
    return account


async def get(book: BookOf, account_id: str) -> Account:
    answer = await book.person.ledger.GetAccount(pb.GetAccountRequest(book_id=book.id, account_id=account_id))
    account: Account = answer.account
    return account


def update_request(book: BookOf, account_id: str, *paths: str, **fields: Any) -> pb.UpdateAccountRequest:
    made: pb.UpdateAccountRequest = request("Update", book, account_id, **fields)
    made.update_mask.paths.extend(paths)
    return made


async def update(book: BookOf, account_id: str, *paths: str, **fields: Any) -> Account:
    answer = await book.person.ledger.UpdateAccount(update_request(book, account_id, *paths, **fields))
    account: Account = answer.account
    return account


async def close(book: BookOf, account_id: str, on: str) -> Account:
    return await call("Close", book, account_id, closed_on=on)


async def listed(book: BookOf, **filters: Any) -> dict[str, int]:
    """The accounts of a list's one page, each with what it holds."""
    fields: dict[str, Any] = {"book_id": book.id, "page_size": 200}
    answer = await book.person.ledger.ListAccounts(pb.ListAccountsRequest(**fields | filters))
    assert answer.next_page_token == ""
    assert [balance.account_id for balance in answer.balances] == [account.id for account in answer.accounts]
    return {balance.account_id: balance.balance.minor for balance in answer.balances}


async def held(book: BookOf, account_id: str, as_of: str = "") -> int:
    return (await held_and_cleared(book, account_id, as_of))[0]


async def held_and_cleared(book: BookOf, account_id: str, as_of: str = "") -> tuple[int, int]:
    answer = await book.person.ledger.GetAccountBalance(
        ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=account_id, as_of=as_of)
    )
    return answer.balance.balance.minor, answer.cleared.minor


def draft(account_id: str, minor: int, on: str, **other: Any) -> TransactionDraft:
    """Money spent, if below zero, or earned."""
    fields: dict[str, Any] = {
        "kind": INCOME if minor > 0 else EXPENSE,
        "account_id": account_id,
        "amount": eur(abs(minor)),
        "booked_on": on,
    }
    return TransactionDraft(**fields | other)


async def record_all(book: BookOf, drafts: Sequence[TransactionDraft]) -> list[str]:
    """Records drafts in one commit. Returns their ids."""
    answer = await book.person.ledger.BatchCreateTransactions(
        ledger_transactions_pb2.BatchCreateTransactionsRequest(
            request_id=new_id(), book_id=book.id, transactions=drafts
        )
    )
    return list(answer.transaction_ids)


async def record(book: BookOf, account_id: str, minor: int, on: str, **other: Any) -> Transaction:
    (made,) = await record_all(book, [draft(account_id, minor, on, **other)])
    return await transaction(book, made)


async def transfer(book: BookOf, source_id: str, target_id: str, minor: int, on: str, **other: Any) -> Transaction:
    return await record(book, source_id, minor, on, kind=TRANSFER, to_account_id=target_id, **other)


async def transaction(book: BookOf, transaction_id: str) -> Transaction:
    answer = await book.person.ledger.GetTransaction(
        ledger_service_pb2.GetTransactionRequest(book_id=book.id, transaction_id=transaction_id)
    )
    found: Transaction = answer.transaction
    return found


async def change(book: BookOf, changed: Transaction, *, unlock: bool = False, **fields: Any) -> Transaction:
    """Changes a transaction: the fields that are given, and no others."""
    answer = await book.person.ledger.UpdateTransaction(
        ledger_transactions_pb2.UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=changed.id,
            change=TransactionDraft(**fields),
            unlock=unlock,
        )
    )
    after: Transaction = answer.transaction
    return after


async def delete_transaction(book: BookOf, deleted: Transaction, *, unlock: bool = False) -> None:
    await book.person.ledger.DeleteTransaction(
        ledger_transactions_pb2.DeleteTransactionRequest(
            request_id=new_id(), book_id=book.id, transaction_id=deleted.id, unlock=unlock
        )
    )


async def make_template(book: BookOf, **fields: Any) -> templates.Template:
    """A template that is due long after all tests, with a draft of these fields."""
    usual: dict[str, Any] = {"kind": EXPENSE, "account_id": book.account_id, "amount": eur(100)}
    answer = await book.person.ledger.CreateTemplate(
        templates.CreateTemplateRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Rent",
            draft=TransactionDraft(**usual | fields),
            schedule=templates.Schedule(starts_on="2999-01-01", rule="FREQ=MONTHLY"),
            mode=templates.TemplateMode.TEMPLATE_MODE_POST,
        )
    )
    made: templates.Template = answer.template
    return made


async def delete_template(book: BookOf, template_id: str) -> None:
    await book.person.ledger.DeleteTemplate(
        templates.DeleteTemplateRequest(request_id=new_id(), book_id=book.id, template_id=template_id)
    )


def history_request(book: BookOf, account_id: str, first: str, last: str, step: Any = DAY, **other: Any) -> Any:
    fields: dict[str, Any] = {"book_id": book.id, "account_id": account_id, "from_on": first, "until_on": last}
    return pb.ListBalanceHistoryRequest(**fields | {"step": step} | other)


async def history(
    book: BookOf, account_id: str, first: str, last: str, step: Any = DAY, size: int = 200
) -> list[tuple[str, int]]:
    """All points, page by page."""
    points: list[tuple[str, int]] = []
    token = ""
    while True:
        answer = await book.person.ledger.ListBalanceHistory(
            history_request(book, account_id, first, last, step, page_size=size, page_token=token)
        )
        assert 0 < len(answer.points) <= size
        assert not points or points[-1][0] < answer.points[0].on
        points += [(point.on, point.balance.minor) for point in answer.points]
        token = answer.next_page_token
        if not token:
            return points


async def lines(book: BookOf, account_id: str, size: int = 200, **filters: Any) -> list[pb.AccountLine]:
    """All that moved an account, page by page."""
    found: list[pb.AccountLine] = []
    token = ""
    while True:
        answer = await book.person.ledger.ListAccountTransactions(
            pb.ListAccountTransactionsRequest(
                book_id=book.id, account_id=account_id, page_size=size, page_token=token, **filters
            )
        )
        found += answer.lines
        assert len(answer.lines) <= size
        token = answer.next_page_token
        if not token:
            return found


def reconcile_request(
    book: BookOf, account_id: str, minor: int, on: str = "2026-12-31", **other: Any
) -> pb.ReconcileAccountRequest:
    fields = {"statement_balance": eur(minor), "statement_on": on}
    made: pb.ReconcileAccountRequest = request("Reconcile", book, account_id, **fields | other)
    return made


async def reconcile(
    book: BookOf, account_id: str, minor: int, on: str = "2026-12-31", **other: Any
) -> pb.ReconcileAccountResponse:
    answer: pb.ReconcileAccountResponse = await book.person.ledger.ReconcileAccount(
        reconcile_request(book, account_id, minor, on, **other)
    )
    return answer
