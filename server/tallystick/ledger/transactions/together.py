"""How are many new transactions recorded at once, when each was asked for by a request of its own?"""

from collections.abc import Sequence

from tallystick.ledger import rules
from tallystick.ledger.transactions.recording import record
from tallystick.store.command import OneByOne
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_pb2 import AccountBalance, Transaction
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest, CreateTransactionResponse


async def create_transactions(
    tx: WriteTx, requests: Sequence[CreateTransactionRequest]
) -> list[CreateTransactionResponse]:
    """As a batch. Every answer says what the accounts hold after all of them, which is what they hold at its version."""
    if any(request.apply_rules or request.reimport_deleted for request in requests):
        raise OneByOne
    ids = [request.transaction_id for request in requests if request.transaction_id]
    if len(set(map(rules.canonical, ids))) < len(ids):
        raise OneByOne
    recorded = await record(tx, requests)
    held = {balance.account_id: balance for balance in recorded.balances}
    return [
        compose_created(request, transaction, [held[each] for each in _accounts_of(transaction) if each in held])
        for request, transaction in zip(requests, recorded.transactions, strict=True)
    ]


def compose_created(
    request: CreateTransactionRequest, transaction: Transaction, balances: Sequence[AccountBalance]
) -> CreateTransactionResponse:
    account_id = rules.canonical(request.account_id)
    held = next((each for each in balances if each.account_id == account_id), None)
    return CreateTransactionResponse(
        transaction=transaction, balance=held, other_balances=[each for each in balances if each is not held]
    )


def _accounts_of(transaction: Transaction) -> list[str]:
    return list(dict.fromkeys(entry.account_id for entry in transaction.entries))
