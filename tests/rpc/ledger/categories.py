"""How do tests arrange categories? Short names for the calls that nearly every test of categories makes."""

from typing import Any

from people import BookOf, new_id
from tallystick_client.v1 import ledger_categories_pb2 as pb
from tallystick_client.v1 import ledger_labels_pb2, ledger_pb2, ledger_service_pb2

Category = ledger_pb2.Category
EXPENSE = ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE
INCOME = ledger_pb2.CategoryKind.CATEGORY_KIND_INCOME


def compose(book: BookOf, name: str = "Bread", **other: Any) -> ledger_service_pb2.CreateCategoryRequest:
    fields: dict[str, Any] = {"request_id": new_id(), "book_id": book.id, "name": name, "kind": EXPENSE}
    return ledger_service_pb2.CreateCategoryRequest(**fields | other)


async def make(book: BookOf, name: str = "Bread", **other: Any) -> Category:
    response: ledger_service_pb2.CreateCategoryResponse = await book.person.ledger.CreateCategory(
        compose(book, name, **other)
    )
    return response.category


async def chain(book: BookOf, length: int) -> list[str]:
    """Categories one below the other, the top first."""
    ids: list[str] = []
    for level in range(length):
        ids.append((await make(book, f"level {level + 1}", parent_id=ids[-1] if ids else "")).id)
    return ids


async def get(book: BookOf, category_id: str) -> Category:
    response: pb.GetCategoryResponse = await book.person.ledger.GetCategory(
        pb.GetCategoryRequest(book_id=book.id, category_id=category_id)
    )
    return response.category


async def listed(book: BookOf, **other: Any) -> list[str]:
    """The ids of a list's one page."""
    fields: dict[str, Any] = {"book_id": book.id, "page_size": 200}
    response = await book.person.ledger.ListCategories(pb.ListCategoriesRequest(**fields | other))
    assert response.next_page_token == ""
    return [category.id for category in response.categories]


def update_request(book: BookOf, category_id: str, *paths: str, **fields: Any) -> pb.UpdateCategoryRequest:
    usual: dict[str, Any] = {"request_id": new_id(), "book_id": book.id, "category_id": category_id}
    request = pb.UpdateCategoryRequest(**usual | fields)
    request.update_mask.paths.extend(paths)
    return request


async def update(book: BookOf, category_id: str, *paths: str, **fields: Any) -> Category:
    response: pb.UpdateCategoryResponse = await book.person.ledger.UpdateCategory(
        update_request(book, category_id, *paths, **fields)
    )
    return response.category


async def archive(book: BookOf, category_id: str) -> Category:
    return await update(book, category_id, archived=True)


async def delete(book: BookOf, category_id: str) -> Category:
    response: pb.DeleteCategoryResponse = await book.person.ledger.DeleteCategory(
        pb.DeleteCategoryRequest(request_id=new_id(), book_id=book.id, category_id=category_id)
    )
    return response.category


async def restore(book: BookOf, category_id: str) -> Category:
    response: pb.RestoreCategoryResponse = await book.person.ledger.RestoreCategory(
        pb.RestoreCategoryRequest(request_id=new_id(), book_id=book.id, category_id=category_id)
    )
    return response.category


def merge_request(book: BookOf, source_id: str, target_id: str) -> pb.MergeCategoriesRequest:
    return pb.MergeCategoriesRequest(
        request_id=new_id(), book_id=book.id, category_id=source_id, into_category_id=target_id
    )


async def merge(book: BookOf, source_id: str, target_id: str) -> pb.MergeCategoriesResponse:
    response: pb.MergeCategoriesResponse = await book.person.ledger.MergeCategories(
        merge_request(book, source_id, target_id)
    )
    return response


async def make_payee(book: BookOf, default_category_id: str) -> ledger_labels_pb2.Payee:
    response: ledger_labels_pb2.CreatePayeeResponse = await book.person.ledger.CreatePayee(
        ledger_labels_pb2.CreatePayeeRequest(
            request_id=new_id(), book_id=book.id, name="Bakery", default_category_id=default_category_id
        )
    )
    return response.payee


async def get_payee(book: BookOf, payee_id: str) -> ledger_labels_pb2.Payee:
    response: ledger_labels_pb2.GetPayeeResponse = await book.person.ledger.GetPayee(
        ledger_labels_pb2.GetPayeeRequest(book_id=book.id, payee_id=payee_id)
    )
    return response.payee


async def category_of(book: BookOf, transaction_id: str) -> list[str]:
    """The categories of a transaction's entries."""
    response = await book.person.ledger.GetTransaction(
        ledger_service_pb2.GetTransactionRequest(book_id=book.id, transaction_id=transaction_id)
    )
    return [entry.category_id for entry in response.transaction.entries]
