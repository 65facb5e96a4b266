"""Who calls through Envoy? Somebody with a book, made with nothing but curl."""

from dataclasses import dataclass
from uuid import uuid4

from clients.rest import Rest
from people import PASSWORD, new_id
from up.stack import Stack


@dataclass(frozen=True)
class Book:
    """A signed-in user's book with one account, one category and one transaction of 12.30 EUR."""

    email: str
    token: str
    rest: Rest
    id: str
    account_id: str
    category_id: str
    transaction_id: str

    def expense(self, minor: str = "1230", currency: str = "EUR") -> dict[str, object]:
        return {
            "requestId": new_id(),
            "kind": "TRANSACTION_KIND_EXPENSE",
            "accountId": self.account_id,
            "categoryId": self.category_id,
            "amount": {"currency": currency, "minor": minor},
            "bookedOn": "2026-02-03",
            "payee": "Bakery",
        }


def sign_up(stack: Stack) -> tuple[str, str]:
    """An e-mail address and its access token."""
    email = f"ann-{uuid4().hex[:12]}@example.com"
    nobody = Rest(stack)
    registered = nobody.post("/v1/auth/register", requestId=new_id(), email=email, password=PASSWORD, displayName="Ann")
    assert registered.status == 200, registered
    signed_in = nobody.post("/v1/auth/login", requestId=new_id(), email=email, password=PASSWORD)
    assert signed_in.status == 200, signed_in
    return email, signed_in.json["tokens"]["accessToken"]


def open_book(stack: Stack) -> Book:
    email, token = sign_up(stack)
    rest = Rest(stack, token)

    def make(path: str, what: str, **fields: object) -> str:
        reply = rest.post(path, **{"requestId": new_id()} | fields)
        assert reply.status == 200, reply
        return str(reply.json[what]["id"])

    book_id = make("/v1/books", "book", name="Home", baseCurrency="EUR")
    within = f"/v1/books/{book_id}"
    account_id = make(f"{within}/accounts", "account", name="Cash", type="ACCOUNT_TYPE_CASH", currency="EUR")
    category_id = make(f"{within}/categories", "category", name="Food", kind="CATEGORY_KIND_EXPENSE")
    book = Book(email, token, rest, book_id, account_id, category_id, transaction_id="")
    transaction_id = make(f"{within}/transactions", "transaction", **book.expense())
    return Book(email, token, rest, book_id, account_id, category_id, transaction_id)
