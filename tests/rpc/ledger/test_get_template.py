"""What GetTemplate promises."""

import grpc

from people import BookOf, Person, new_id, refusal_of
from recurring import call, get, make_template
from rpc.ledger.promises import viewer_of
from tallystick_client.v1 import ledger_templates_pb2 as pb


async def test_get_template_returns_it_to_every_member(book: BookOf) -> None:
    made = await make_template(book)
    request = pb.GetTemplateRequest(book_id=book.id, template_id=made.id.upper())
    assert (await (await viewer_of(book)).ledger.GetTemplate(request)).template == made


async def test_get_template_finds_nothing_that_is_deleted_or_not_there(book: BookOf, bob: Person) -> None:
    made = await make_template(book)
    stranger = await refusal_of(bob.ledger.GetTemplate(pb.GetTemplateRequest(book_id=book.id, template_id=made.id)))
    await call("DeleteTemplate", made, book)
    deleted = await refusal_of(get(book, made))
    missing = await refusal_of(get(book, pb.Template(id=new_id())))
    assert stranger == deleted == missing
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
