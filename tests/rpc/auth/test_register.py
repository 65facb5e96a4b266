"""What Register promises."""

import asyncio
from typing import Any

import grpc
import pytest

from letters import Mails
from people import PASSWORD, Person, new_id, read_refusal, refusal_of
from rpc.auth.visitors import Audit, Rows, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb


def request(**other: Any) -> pb.RegisterRequest:
    fields = {"request_id": new_id(), "email": f"{new_id()}@example.com", "password": PASSWORD, "display_name": "Ann"}
    return pb.RegisterRequest(**fields | other)


async def test_register_makes_a_user_with_a_home_and_mails_a_verifying_link(
    visitor: Visitor, mails: Mails, audit: Audit
) -> None:
    address = await visitor.register("Ann", locale="de-CH", time_zone="Europe/Zurich")
    ann = await visitor.sign_in(address)
    assert (ann.user.email, ann.user.display_name, ann.user.email_verified) == (address, "Ann", False)
    assert (ann.user.locale, ann.user.time_zone) == ("de-CH", "Europe/Zurich")
    (mail,) = await mails(address)
    assert mail.token
    assert (await audit(ann.user.id))[0] == "registered"


async def test_register_fills_in_language_and_time_zone(visitor: Visitor) -> None:
    ann = await visitor.sign_up()
    assert (ann.user.locale, ann.user.time_zone) == ("en", "UTC")


async def test_register_answers_alike_for_a_taken_address_and_tells_its_owner(
    visitor: Visitor, stranger: Visitor, mails: Mails
) -> None:
    address = await visitor.register()
    fresh = await stranger.auth.Register(request())
    taken = await stranger.auth.Register(request(email=address, password="the stranger's own"))
    assert fresh.SerializeToString() == taken.SerializeToString()
    assert len(await mails(address)) == 2
    await visitor.sign_in(address)
    assert (await refusal_of(stranger.login(address, "the stranger's own"))).reason == "WRONG_CREDENTIALS"


@pytest.mark.parametrize("spelling", ["{}", " {} ", "{upper}"])
async def test_register_sees_through_other_spellings_of_an_address(visitor: Visitor, rows: Rows, spelling: str) -> None:
    name = new_id()
    before = (await rows("SELECT count(*) FROM login"))[0][0]
    await visitor.auth.Register(request(email=f"{name}@example.com"))
    other = spelling.format(f"{name}@example.com", upper=f"{name.upper()}@EXAMPLE.COM").strip()
    await visitor.auth.Register(request(email=other))
    assert (await rows("SELECT count(*) FROM login"))[0][0] == before + 1


async def test_register_repeated_makes_one_user_and_mails_once(visitor: Visitor, mails: Mails, rows: Rows) -> None:
    again = request()
    before = (await rows("SELECT count(*) FROM login"))[0][0]
    for _ in range(3):
        await visitor.auth.Register(again)
    assert (await rows("SELECT count(*) FROM login"))[0][0] == before + 1
    assert len(await mails(again.email)) == 1


async def test_register_repeated_for_a_taken_address_mails_the_owner_once(
    visitor: Visitor, stranger: Visitor, mails: Mails
) -> None:
    address = await visitor.register()
    again = request(email=address)
    await stranger.auth.Register(again)
    await stranger.auth.Register(again)
    assert len(await mails(address)) == 2


async def test_register_at_once_under_one_request_id_makes_one_user(visitor: Visitor, mails: Mails, rows: Rows) -> None:
    again = request()
    before = (await rows("SELECT count(*) FROM login"))[0][0]
    await asyncio.gather(*(visitor.auth.Register(again) for _ in range(3)))
    assert (await rows("SELECT count(*) FROM login"))[0][0] == before + 1
    assert len([mail for mail in await mails(again.email) if "Verify" in mail.subject]) == 1


async def test_register_at_once_for_one_address_makes_one_user(visitor: Visitor, rows: Rows) -> None:
    address = f"{new_id()}@example.com"
    before = (await rows("SELECT count(*) FROM login"))[0][0]
    await asyncio.gather(*(visitor.auth.Register(request(email=address)) for _ in range(3)))
    assert (await rows("SELECT count(*) FROM login"))[0][0] == before + 1


@pytest.mark.parametrize("is_taken", [True, False])
async def test_register_refuses_another_body_under_one_request_id_whether_or_not_the_first_address_was_taken(
    visitor: Visitor, stranger: Visitor, is_taken: bool
) -> None:
    address = await visitor.register() if is_taken else f"{new_id()}@example.com"
    first = request(email=address)
    await stranger.auth.Register(first)
    other = request(request_id=first.request_id)
    assert (await refusal_of(stranger.auth.Register(other))).reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("password", "short"),
        ("password", "x" * 73),
        ("password", "ü" * 37),
        ("password", "nul\0inside"),
        ("display_name", ""),
        ("display_name", "   "),
        ("locale", "not a tag"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("request_id", "no uuid"),
    ],
)
async def test_register_refuses_and_names_a_wrong_field(visitor: Visitor, field: str, value: Any) -> None:
    refusal = await refusal_of(visitor.auth.Register(request(**{field: value})))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,))


@pytest.mark.parametrize("password", ["x" * 72, "ü" * 36, "🔑" * 18])
async def test_register_takes_a_password_of_72_bytes(visitor: Visitor, password: str) -> None:
    address = await visitor.register(password=password)
    await visitor.sign_in(address, password)
    assert (await refusal_of(visitor.login(address, password[:-1]))).reason == "WRONG_CREDENTIALS"
    assert (await refusal_of(visitor.login(address, password + "x"))).reason == "WRONG_CREDENTIALS"


async def test_register_makes_one_password_of_both_ways_to_type_an_accent(visitor: Visitor) -> None:
    address = await visitor.register(password="caf\u00e9 cr\u00e8me")
    await visitor.sign_in(address, "cafe\u0301 cre\u0300me")


async def test_register_refuses_an_address_that_makes_us_send_too_many_mails(
    visitor: Visitor, stranger: Visitor
) -> None:
    owner = await stranger.register()
    refusals = [await _try(visitor, owner) for _ in range(6)]
    assert "TOO_MANY_ATTEMPTS" in refusals
    assert refusals.index("TOO_MANY_ATTEMPTS") >= 2


async def _try(visitor: Visitor, address: str) -> str:
    try:
        await visitor.auth.Register(request(email=address))
    except grpc.aio.AioRpcError as error:
        refusal = read_refusal(error)
        assert refusal.retry_after_s
        return refusal.reason
    return "OK"


async def test_register_keeps_neither_address_nor_name_readable(visitor: Visitor, rows: Rows) -> None:
    person: Person = await visitor.sign_up("Zebedee")
    for table in ("login", "profile", "member", "journal", "answer", "answer_apart", "audit", "user_space"):
        dump = str(await rows(f'SELECT "{table}"::text FROM "{table}"'))
        for word in (person.email, "Zebedee"):
            assert word not in dump
            assert word.encode().hex() not in dump
