"""How is a list read that comes in pages? One item after the other."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


def pages(call: Callable[[Request], Response], request: Request) -> Iterator[Response]:
    """The answers to a listing call, until there are no more: `pages(client.ledger.ListAccounts, ListAccountsRequest(…))`."""
    asked: Any = type(request)()
    asked.CopyFrom(request)
    while True:
        page: Any = call(asked)
        yield page
        if not page.next_page_token:
            return
        asked.page_token = page.next_page_token


def each(call: Callable[[Request], Response], request: Request) -> Iterator[Any]:
    """The items of a listing call. Pages are fetched as they are needed.

    Of an answer with several lists, such as accounts beside their balances, these are the items of the first.
    """
    for page in pages(call, request):
        first = next(field.name for field in page.DESCRIPTOR.fields if field.is_repeated)
        yield from getattr(page, first)
