"""What RestorePayee promises."""

from people import BookOf
from rpc.ledger.categories import delete, make
from rpc.ledger.labels import PAYEES, RestoreLabel


class TestRestorePayee(RestoreLabel):
    kind = PAYEES


async def test_restore_payee_suggests_a_category_no_more_that_was_deleted_meanwhile(book: BookOf) -> None:
    category = await make(book)
    stays = await PAYEES.make(book, default_category_id=book.spending_id)
    loses = await PAYEES.make(book, default_category_id=category.id)
    for payee in (stays, loses):
        await PAYEES.call("Delete", book, payee_id=payee.id)
    await delete(book, category.id)
    assert (await PAYEES.call("Restore", book, payee_id=stays.id)).default_category_id == book.spending_id
    assert (await PAYEES.call("Restore", book, payee_id=loses.id)).default_category_id == ""
