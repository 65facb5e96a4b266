"""What a copy does with pages, by itself: recorded messages, and a file."""

import sqlite3
from pathlib import Path

import pytest

from sdk_python.copies import settle, tag, tags
from sdk_python.pages import BANK, BOOK, CASH, FOOD, account, category, change_of, expense, furnished, page, some_id
from tallystick_client.offline import (
    NewerFile,
    OfflineBook,
    SpaceForgotten,
    WrongSpace,
)
from tallystick_client.offline.commands import command_in
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.ledger_accounts_pb2 import DeleteAccountRequest, RestoreAccountRequest
from tallystick_client.v1.ledger_labels_pb2 import Tag, UpdateTagRequest
from tallystick_client.v1.ledger_pb2 import Account, AccountType, Category, Transaction
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest, CreateTransactionRequest
from tallystick_client.v1.ledger_transactions_pb2 import (
    DeleteTransactionRequest,
)
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.sync_pb2 import (
    Change,
    Outcome,
    Rejection,
    ResetReason,
)
from tallystick_client.v1.sync_service_pb2 import WatchChanges

ONE, TWO = some_id(0x101), some_id(0x102)
REUSED = Rejection(reason=ErrorReason.ERROR_REASON_REQUEST_ID_REUSED)
TAKEN = Rejection(reason=ErrorReason.ERROR_REASON_ID_TAKEN)
LOCKED = Rejection(reason=ErrorReason.ERROR_REASON_ENTRY_RECONCILED)


def test_a_first_copy_is_shown_when_it_is_whole(book: OfflineBook, path: Path) -> None:
    book.take_page(page("1", change_of(account(), 1), at_head=False, head=2))
    assert book.list(Account) == []
    # A crash before it is whole: it goes on from the last page.
    book.close()
    again = OfflineBook.open(path, BOOK)
    assert again.place.shadow_cursor == "1"
    again.take_page(page("2", change_of(account(BANK), 2)))
    assert [each.id for each in again.list(Account)] == [CASH, BANK]
    assert again.place[:3] == ("2", 2, None)
    again.close()


def test_later_pages_are_shown_at_once(book: OfflineBook) -> None:
    book.take_page(furnished())
    book.take_page(page("at 4", change_of(account(name="Purse"), 4), at_head=False, head=9))
    shown = book.get(Account, CASH)
    assert shown is not None
    assert (shown.name, shown.version) == ("Purse", 4)
    assert book.place[:2] == ("at 4", 4)


def test_a_page_that_comes_twice_or_late_does_no_harm(book: OfflineBook) -> None:
    book.take_page(furnished())
    book.take_page(page("at 5", change_of(account(name="Purse"), 5)))
    book.take_page(page("at 4", change_of(account(name="Late"), 4)))
    assert [each.name for each in book.list(Account)] == ["Purse", "Bank"]
    book.take_page(page("at 5", change_of(account(name="Purse"), 5)))
    assert [each.name for each in book.list(Account)] == ["Purse", "Bank"]


def test_what_is_deleted_is_not_listed_and_can_come_back(book: OfflineBook) -> None:
    book.take_page(furnished())
    book.take_page(page("at 4", change_of(account(BANK), 4, deleted=True)))
    assert [each.id for each in book.list(Account)] == [CASH]
    assert book.get(Account, BANK) is None
    book.do(RestoreAccountRequest(account_id=BANK))
    assert [each.id for each in book.list(Account)] == [CASH, BANK]


@pytest.mark.parametrize("reason", ResetReason.values()[1:])
def test_a_reset_makes_the_copy_anew_and_leaves_the_outbox(book: OfflineBook, reason: ResetReason.ValueType) -> None:
    book.take_page(furnished(change_of(expense(ONE), 4)))
    tag(book)
    book.take_page(page("new 1", change_of(account(name="Anew"), 1), at_head=False, head=2, reset=reason))
    # Until the new copy is whole, the old one stays.
    assert [each.name for each in book.list(Account)] == ["Cash", "Bank"]
    assert book.place.shadow_cursor == "new 1"
    book.take_page(page("new 2", change_of(category(), 2)))
    assert [each.name for each in book.list(Account)] == ["Anew"]
    assert book.list(Transaction) == []
    assert tags(book) == ["trip"]
    assert book.waiting == 1
    assert book.place[:3] == ("new 2", 2, None)


def test_a_space_that_is_lost_leaves_only_what_was_not_mirrored(book: OfflineBook, path: Path) -> None:
    book.take_page(furnished(change_of(expense(ONE, note="others' secret"), 4)))
    # Done, and not mirrored: a restore may take it away while the user is out.
    sent = tag(book, "sent")
    settle(book, outcome=Outcome.OUTCOME_APPLIED, version=9)
    waiting = tag(book, "own work")
    book.forget()
    assert book.list(Account) == []
    assert book.waiting == 0
    assert book.place.cursor == ""
    assert [command_in(each).request_id for each in book.drafts()] == [sent, waiting]
    assert "own work" in book.export_drafts()[1]
    for each in path.parent.iterdir():
        assert b"others' secret" not in each.read_bytes(), each
    with pytest.raises(SpaceForgotten):
        tag(book)
    with pytest.raises(SpaceForgotten):
        book.put_back_drafts()
    # Back in the space, a first copy comes, and the drafts can be sent.
    book.take_page(furnished())
    assert book.put_back_drafts() == 2
    assert [command_in(each).request_id for each in book.next_push()] == [sent, waiting]
    assert book.drafts() == []
    assert sorted(tags(book)) == ["own work", "sent"]


def test_news_are_taken_only_where_they_follow(book: OfflineBook) -> None:
    news = WatchChanges(space_id=BOOK, cursor="at 4", changes=[change_of(account(name="Purse"), 4)])
    assert not book.take_news(news, "")
    book.take_page(furnished())
    assert not book.take_news(news, "at 2")
    assert [each.name for each in book.list(Account)] == ["Cash", "Bank"]
    assert book.take_news(news, "at 3")
    assert [each.name for each in book.list(Account)] == ["Purse", "Bank"]
    book.start_over()
    assert not book.take_news(news, "at 4")


def test_a_kind_of_the_future_is_kept(book: OfflineBook, path: Path) -> None:
    inner = Tag(id=ONE, name="of tomorrow", version=4).SerializeToString()
    entity = b"\x9a\x06" + bytes([len(inner)]) + inner
    strange = Change.FromString(b"\x0a" + bytes([len(entity)]) + entity + b"\x18\x04")
    book.take_page(furnished(strange))
    assert book.list(Tag) == []
    place, digest = book.standing()
    assert digest is None
    assert place.version == 4
    # The next version of this package knows the kind.
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT id, body FROM mirror WHERE kind = 'field:99'").fetchall() == [(ONE, inner)]
        file.execute("UPDATE mirror SET kind = 'field:15' WHERE kind = 'field:99'")
    file.close()
    again = OfflineBook.open(path, BOOK)
    assert tags(again) == ["of tomorrow"]
    again.close()


def test_fields_of_the_future_are_kept(book: OfflineBook) -> None:
    wire = change_of(Tag(id=ONE, name="trip"), 4).entity.tag.SerializeToString() + b"\xfa\x01\x02hi"
    change = change_of(Tag(id=ONE), 4)
    change.entity.tag.MergeFromString(wire)
    book.take_page(furnished(change))
    book.do(UpdateTagRequest(tag_id=ONE, name="journey"))
    assert b"\xfa\x01\x02hi" in book.list(Tag)[0].SerializeToString()


def test_an_account_goes_and_comes_back_with_its_opening_balance(book: OfflineBook) -> None:
    book.take_page(furnished())
    book.do(
        CreateAccountRequest(
            account_id=ONE,
            name=" Safe ",
            type=AccountType.ACCOUNT_TYPE_SAVINGS,
            currency="EUR",
            opening_balance=Money(currency="EUR", minor=500),
            opening_on="2026-01-01",
            private=True,
        )
    )
    made = book.get(Account, ONE)
    assert made is not None
    assert (made.name, made.private_to) == ("Safe", some_id(0xEE))
    assert book.balances()[ONE].minor == 500
    book.do(DeleteAccountRequest(account_id=ONE))
    assert ONE not in book.balances()
    assert book.list(Transaction) == []
    book.do(RestoreAccountRequest(account_id=ONE))
    assert book.balances()[ONE].minor == 500


def test_what_does_not_fit_has_no_effect_and_is_sent(book: OfflineBook) -> None:
    book.take_page(furnished())
    book.do(DeleteTransactionRequest(transaction_id=ONE))
    book.do(CreateTransactionRequest(account_id="no id"))
    assert book.list(Transaction) == []
    assert book.waiting == 2


def test_a_file_is_of_one_space_and_of_no_later_version(book: OfflineBook, path: Path) -> None:
    book.close()
    with pytest.raises(WrongSpace):
        OfflineBook.open(path, some_id(2))
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 2")
    file.close()
    with pytest.raises(NewerFile):
        OfflineBook.open(path, BOOK)


def test_listeners_are_told(book: OfflineBook) -> None:
    told: list[int] = []
    stop = book.subscribe(lambda: told.append(book.waiting))
    tag(book)
    book.take_page(furnished())
    stop()
    tag(book)
    assert told == [1, 1]


def test_reading_changes_nothing(book: OfflineBook) -> None:
    book.take_page(furnished())
    shown = book.list(Category)[0]
    shown.name = "scribbled"
    found = book.get(Category, FOOD)
    assert found is not None
    assert found.name == "Food"
    found.name = "scribbled"
    assert book.list(Category)[0].name == "Food"
