"""What do payees, payment methods and tags promise alike? One test of each call, for whatever kind of label a test file names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import ledger_labels_pb2 as pb
from tallystick_client.v1 import ledger_service_pb2


@dataclass(frozen=True)
class LabelKind:
    """What tells one kind of label from another: its words, and the one field that only it has, with two values."""

    word: str
    words: str
    Word: str
    Words: str
    own_field: str
    own_value: Callable[[BookOf], str]
    own_other: Callable[[BookOf], str]

    def request(self, verb: str, book: BookOf, *, plural: bool = False, **fields: Any) -> Any:
        name = f"{verb}{self.Words if plural else self.Word}Request"
        usual = {} if verb in {"Get", "List"} else {"request_id": new_id()}
        return getattr(pb, name)(**usual | {"book_id": book.id} | fields)

    async def call(self, verb: str, book: BookOf, **fields: Any) -> Any:
        """Makes a call about one label, and returns the label."""
        answer = await getattr(book.person.ledger, f"{verb}{self.Word}")(self.request(verb, book, **fields))
        return getattr(answer, self.word)

    async def make(self, book: BookOf, name: str = "Bakery", **fields: Any) -> Any:
        return await self.call("Create", book, name=name, **fields)

    def id_of(self, label: Any) -> dict[str, Any]:
        return {f"{self.word}_id": label.id}

    async def page(self, book: BookOf, **fields: Any) -> tuple[list[Any], str]:
        answer = await getattr(book.person.ledger, f"List{self.Words}")(
            self.request("List", book, plural=True, **fields)
        )
        return list(getattr(answer, self.words)), answer.next_page_token


PAYEES = LabelKind(
    "payee",
    "payees",
    "Payee",
    "Payees",
    "default_category_id",
    lambda book: book.spending_id,
    lambda book: book.earning_id,
)
PAYMENT_METHODS = LabelKind(
    "payment_method",
    "payment_methods",
    "PaymentMethod",
    "PaymentMethods",
    "icon",
    lambda _: "card",
    lambda _: "coins",
)
TAGS = LabelKind("tag", "tags", "Tag", "Tags", "color", lambda _: "#AABBCC", lambda _: "#000000")


class CreateLabel:
    """What creating a label promises."""

    kind: LabelKind

    async def test_it_is_what_was_asked_for(self, book: BookOf) -> None:
        made = await self.kind.make(book, "  Bakery ", **{self.kind.own_field: self.kind.own_value(book)})
        assert (made.name, made.book_id) == ("Bakery", book.id)
        assert getattr(made, self.kind.own_field) == self.kind.own_value(book)
        assert await self.kind.call("Get", book, **self.kind.id_of(made)) == made

    async def test_it_keeps_the_promises_of_a_write(self, book: BookOf) -> None:
        request = self.kind.request("Create", book, name="Bakery")
        await keeps_the_promises_of_a_write(book, f"Create{self.kind.Word}", request, name="Other")

    async def test_it_keeps_the_id_that_the_client_made_in_its_one_form(self, book: BookOf) -> None:
        chosen = new_id()
        made = await self.kind.make(book, **{f"{self.kind.word}_id": chosen.upper()})
        assert made.id == chosen

    async def test_an_id_that_is_taken_is_refused(self, book: BookOf) -> None:
        taken = self.kind.id_of(await self.kind.make(book))
        refusal = await refusal_of(self.kind.make(book, **taken))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")

    @pytest.mark.parametrize("name", ["", " \t", "x" * 201])
    async def test_it_needs_a_name(self, book: BookOf, name: str) -> None:
        refusal = await refusal_of(self.kind.make(book, name))
        assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("name",))


class GetLabel:
    """What reading a label promises."""

    kind: LabelKind

    async def test_what_is_not_in_the_book_is_not_found(self, book: BookOf, bob: Person) -> None:
        theirs = await self.kind.make(await make_book(bob))
        for missing in (theirs.id, new_id()):
            refusal = await refusal_of(self.kind.call("Get", book, **{f"{self.kind.word}_id": missing}))
            assert refusal.reason == "NOT_FOUND"

    async def test_a_deleted_one_is_not_found(self, book: BookOf) -> None:
        made = await self.kind.make(book)
        assert await self.kind.call("Get", book, **self.kind.id_of(made)) == made
        await self.kind.call("Delete", book, **self.kind.id_of(made))
        assert (await refusal_of(self.kind.call("Get", book, **self.kind.id_of(made)))).reason == "NOT_FOUND"


class ListLabels:
    """What listing labels promises."""

    kind: LabelKind

    async def test_pages_follow_each_other_in_the_order_of_ids(self, book: BookOf) -> None:
        made = sorted([(await self.kind.make(book, f"label {number}")).id for number in range(5)])
        seen: list[str] = []
        token = ""
        for expected in (2, 2, 1):
            page, token = await self.kind.page(book, page_size=2, page_token=token)
            assert len(page) == expected
            seen += [label.id for label in page]
        assert (seen, token) == (made, "")

    async def test_deleted_ones_are_listed_instead_when_asked_for(self, book: BookOf) -> None:
        gone, here = await self.kind.make(book), await self.kind.make(book)
        await self.kind.call("Delete", book, **self.kind.id_of(gone))
        assert [label.id for label in (await self.kind.page(book))[0]] == [here.id]
        assert [label.id for label in (await self.kind.page(book, deleted=True))[0]] == [gone.id]

    async def test_a_token_of_another_query_is_refused(self, book: BookOf) -> None:
        for _ in range(2):
            await self.kind.make(book)
        _, token = await self.kind.page(book, page_size=1)
        refusal = await refusal_of(self.kind.page(book, page_size=1, page_token=token, deleted=True))
        assert refusal.reason == "INVALID_PAGE_TOKEN"

    async def test_a_foreign_book_is_not_found(self, book: BookOf, bob: Person) -> None:
        theirs = await make_book(bob)
        stranger = BookOf(book.person, theirs.id, "", "", "")
        assert (await refusal_of(self.kind.page(stranger))).reason == "NOT_FOUND"


class UpdateLabel:
    """What changing a label promises."""

    kind: LabelKind

    async def test_only_what_is_given_changes(self, book: BookOf) -> None:
        made = await self.kind.make(book, **{self.kind.own_field: self.kind.own_value(book)})
        after = await self.kind.call("Update", book, **self.kind.id_of(made), name=" Baker ")
        assert (after.name, getattr(after, self.kind.own_field)) == ("Baker", self.kind.own_value(book))
        assert after.version > made.version
        assert await self.kind.call("Get", book, **self.kind.id_of(made)) == after

    async def test_the_mask_says_what_changes_and_can_empty_a_field(self, book: BookOf) -> None:
        made = await self.kind.make(book, **{self.kind.own_field: self.kind.own_value(book)})
        mask = FieldMask(paths=[self.kind.own_field])
        after = await self.kind.call("Update", book, **self.kind.id_of(made), name="ignored", update_mask=mask)
        assert (after.name, getattr(after, self.kind.own_field)) == (made.name, "")

    async def test_saying_what_is_so_already_changes_nothing(self, book: BookOf) -> None:
        made = await self.kind.make(book)
        assert await self.kind.call("Update", book, **self.kind.id_of(made), name=made.name) == made

    async def test_it_keeps_the_promises_of_a_write(self, book: BookOf) -> None:
        made = await self.kind.make(book)
        request = self.kind.request("Update", book, **self.kind.id_of(made), name="Baker")
        await keeps_the_promises_of_a_write(book, f"Update{self.kind.Word}", request, name="Other")

    @pytest.mark.parametrize("paths", [["version"], ["name", "nothing"], ["*", "name"]])
    async def test_a_mask_of_what_cannot_change_is_refused(self, book: BookOf, paths: list[str]) -> None:
        made = await self.kind.make(book)
        refusal = await refusal_of(
            self.kind.call("Update", book, **self.kind.id_of(made), name="x", update_mask=FieldMask(paths=paths))
        )
        assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))

    @pytest.mark.parametrize(("paths", "name"), [(["name"], ""), (["*"], ""), (["name"], " "), ([], "\t")], ids=str)
    async def test_a_name_cannot_be_emptied(self, book: BookOf, paths: list[str], name: str) -> None:
        made = await self.kind.make(book)
        refusal = await refusal_of(
            self.kind.call("Update", book, **self.kind.id_of(made), name=name, update_mask=FieldMask(paths=paths))
        )
        assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("name",))

    async def test_a_change_on_an_older_version_is_stale_only_where_the_two_meet(self, book: BookOf) -> None:
        made = await self.kind.make(book)
        await self.kind.call("Update", book, **self.kind.id_of(made), name="Theirs")
        stale = {**self.kind.id_of(made), "base_version": made.version}
        refusal = await refusal_of(self.kind.call("Update", book, **stale, name="Mine"))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
        own = {self.kind.own_field: self.kind.own_other(book)}
        after = await self.kind.call("Update", book, **stale, **own)
        assert (after.name, getattr(after, self.kind.own_field)) == ("Theirs", self.kind.own_other(book))

    async def test_what_is_deleted_or_was_never_there_is_not_found(self, book: BookOf) -> None:
        gone = await self.kind.make(book)
        await self.kind.call("Delete", book, **self.kind.id_of(gone))
        for missing in (gone.id, new_id()):
            refusal = await refusal_of(self.kind.call("Update", book, **{f"{self.kind.word}_id": missing}, name="x"))
            assert refusal.reason == "NOT_FOUND"


class DeleteLabel:
    """What deleting a label promises."""

    kind: LabelKind

    async def test_it_is_returned_as_it_was_and_not_found_after(self, book: BookOf) -> None:
        made = await self.kind.make(book, **{self.kind.own_field: self.kind.own_value(book)})
        gone = await self.kind.call("Delete", book, **self.kind.id_of(made))
        assert (gone.name, getattr(gone, self.kind.own_field)) == (made.name, self.kind.own_value(book))
        again = await refusal_of(self.kind.call("Delete", book, **self.kind.id_of(made)))
        assert again.reason == "NOT_FOUND"

    async def test_it_keeps_the_promises_of_a_write(self, book: BookOf) -> None:
        one, other = await self.kind.make(book), await self.kind.make(book)
        request = self.kind.request("Delete", book, **self.kind.id_of(one))
        await keeps_the_promises_of_a_write(book, f"Delete{self.kind.Word}", request, **self.kind.id_of(other))

    async def test_what_has_it_keeps_it(self, book: BookOf) -> None:
        made = await self.kind.make(book)
        name = "tag_ids" if self.kind is TAGS else f"{self.kind.word}_id"
        value: Any = [made.id] if self.kind is TAGS else made.id
        label: dict[str, Any] = {name: value}
        spent = (await book.spend(**label)).transaction
        await self.kind.call("Delete", book, **self.kind.id_of(made))
        kept = await book.person.ledger.GetTransaction(
            ledger_service_pb2.GetTransactionRequest(book_id=book.id, transaction_id=spent.id)
        )
        assert getattr(kept.transaction, name) == value


class RestoreLabel:
    """What restoring a label promises."""

    kind: LabelKind

    async def test_it_is_there_again_as_it_was(self, book: BookOf) -> None:
        made = await self.kind.make(book, **{self.kind.own_field: self.kind.own_value(book)})
        await self.kind.call("Delete", book, **self.kind.id_of(made))
        back = await self.kind.call("Restore", book, **self.kind.id_of(made))
        assert await self.kind.call("Get", book, **self.kind.id_of(made)) == back
        assert (back.id, back.name, back.created_at) == (made.id, made.name, made.created_at)
        assert getattr(back, self.kind.own_field) == self.kind.own_value(book)

    async def test_one_that_is_not_deleted_stays_as_it_is(self, book: BookOf) -> None:
        made = await self.kind.make(book)
        assert await self.kind.call("Restore", book, **self.kind.id_of(made)) == made

    async def test_it_keeps_the_promises_of_a_write(self, book: BookOf) -> None:
        one, other = await self.kind.make(book), await self.kind.make(book)
        await self.kind.call("Delete", book, **self.kind.id_of(one))
        request = self.kind.request("Restore", book, **self.kind.id_of(one))
        await keeps_the_promises_of_a_write(book, f"Restore{self.kind.Word}", request, **self.kind.id_of(other))

    async def test_what_was_never_there_is_not_found(self, book: BookOf) -> None:
        refusal = await refusal_of(self.kind.call("Restore", book, **{f"{self.kind.word}_id": new_id()}))
        assert refusal.reason == "NOT_FOUND"
