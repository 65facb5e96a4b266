"""What shall happen in a book? One function per writing call, run inside the write door."""

from uuid import UUID

from tallystick.ledger import queries, rules
from tallystick.ledger.tables import ACCOUNT, BALANCE, BOOK, CATEGORY, ENTRY, TOTAL, TRANSACTION
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_pb2 import Account, AccountBalance, Book, Category, Transaction
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    CreateBookRequest,
    CreateBookResponse,
    CreateCategoryRequest,
    CreateCategoryResponse,
    CreateTransactionRequest,
    CreateTransactionResponse,
)
from tallystick.v1.money_pb2 import Money


async def create_book(tx: WriteTx, request: CreateBookRequest) -> CreateBookResponse:
    currency = rules.require_currency("base_currency", request.base_currency)
    book = Book(id=str(tx.space_id), name=request.name, base_currency=currency, created_at=to_timestamp(tx.now))
    return CreateBookResponse(book=tx.add(BOOK, book))


async def create_account(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
    account = Account(
        id=request.account_id or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=request.name,
        type=request.type,
        currency=rules.require_currency("currency", request.currency),
        created_at=to_timestamp(tx.now),
    )
    return CreateAccountResponse(account=tx.add(ACCOUNT, account))


async def create_category(tx: WriteTx, request: CreateCategoryRequest) -> CreateCategoryResponse:
    if request.parent_id:
        found = await tx.fetch(queries.CATEGORY_BY_ID(space_id=tx.space_id, id=UUID(request.parent_id)))
        rules.require_same_kind(tx.require(CATEGORY, found), request.kind)
    category = Category(
        id=request.category_id or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=request.name,
        kind=request.kind,
        parent_id=request.parent_id,
        created_at=to_timestamp(tx.now),
    )
    return CreateCategoryResponse(category=tx.add(CATEGORY, category))


async def create_transaction(tx: WriteTx, request: CreateTransactionRequest) -> CreateTransactionResponse:
    booked_on = rules.require_date("booked_on", request.booked_on)
    cell = rules.cell_of(request.account_id, request.category_id, request.amount.currency, booked_on)
    touched = await queries.get_touched(tx, cell)
    entry = rules.compose_entry(request.kind, request.amount, touched.account, touched.category)
    held = rules.add(touched.balance_minor, entry.amount.minor)
    in_month = rules.add(touched.total_minor, entry.amount.minor)

    transaction = Transaction(
        id=request.transaction_id or str(tx.new_id()),
        book_id=str(tx.space_id),
        kind=request.kind,
        booked_on=request.booked_on,
        entries=[entry],
        payee=request.payee,
        note=request.note,
        created_at=to_timestamp(tx.now),
    )
    tx.add(TRANSACTION, transaction)
    tx.keep(
        ENTRY,
        entry.amount.minor,
        transaction_id=UUID(transaction.id),
        line=0,
        account_id=cell.account_id,
        category_id=cell.category_id if touched.category else None,
        currency=cell.currency,
        booked_on=booked_on,
    )
    tx.keep(BALANCE, held, account_id=cell.account_id)
    tx.keep(TOTAL, in_month, **cell._asdict())
    balance = AccountBalance(
        account_id=entry.account_id, balance=Money(currency=cell.currency, minor=held), version=tx.seq
    )
    return CreateTransactionResponse(transaction=transaction, balance=balance)
