"""What GetMe promises, and which tokens it believes."""

import base64
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from people import Person, new_id, refusal_of
from rpc.auth.visitors import Rows, Visitor
from tallystick.app import App
from tallystick_client.v1 import auth_service_pb2 as pb
from turned_clock import TurnedClock

Forge: TypeAlias = Callable[..., str]


async def test_get_me_returns_the_caller(ann: Person, bob: Person) -> None:
    assert (await ann.auth.GetMe(pb.GetMeRequest())).user == ann.user
    assert (await bob.auth.GetMe(pb.GetMeRequest())).user == bob.user


async def test_get_me_needs_a_session(visitor: Visitor) -> None:
    assert (await refusal_of(visitor.auth.GetMe(pb.GetMeRequest()))).reason == "NOT_SIGNED_IN"


async def test_get_me_refuses_an_expired_token(ann: Person, clock: TurnedClock) -> None:
    with clock.later(minutes=14):
        await ann.auth.GetMe(pb.GetMeRequest())
    with clock.later(minutes=15, seconds=1):
        assert (await refusal_of(ann.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"


async def test_get_me_notices_within_half_a_minute_that_another_process_ended_the_session(
    ann: Person, rows: Rows, clock: TurnedClock
) -> None:
    await ann.auth.GetMe(pb.GetMeRequest())
    await rows("UPDATE session SET ended_at = now() WHERE id = %s", ann.tokens.session_id)
    with clock.later(seconds=31):
        assert (await refusal_of(ann.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(token: str, algorithm: str) -> str:
    _, payload, _ = token.split(".")
    header = jwt.get_unverified_header(token) | {"alg": algorithm}
    return f"{part(header)}.{payload}."


@pytest.fixture
async def forge(ann: Person, server: App) -> Forge:
    """Makes tokens: ours, but for what is said."""
    key = await server.identity.parts.signing.signer()

    def make(
        headers: dict[str, Any] | None = None,
        signed_with: Any = None,
        algorithm: str = "EdDSA",
        without: Any = (),
        **claims: dict[str, Any],
    ) -> Any:
        good = jwt.decode(ann.tokens.access_token, options={"verify_signature": False})
        said = {name: value for name, value in (good | claims).items() if name not in without}
        header = jwt.get_unverified_header(ann.tokens.access_token) | {"alg": algorithm} | (headers or {})
        return jwt.encode(said, signed_with or key.private, algorithm, header)

    return make


async def refused(ann: Person, visitor: Visitor, token: str) -> None:
    refusal = await refusal_of(visitor.with_token(token).auth.GetMe(pb.GetMeRequest()))
    assert refusal.reason == "INVALID_TOKEN"


async def test_get_me_believes_what_the_forge_makes_unchanged(forge: Forge, visitor: Visitor) -> None:
    await visitor.with_token(forge()).auth.GetMe(pb.GetMeRequest())


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "somebody-else"},
        {"aud": ["tallystick", "somebody-else"]},
        {"exp": 1},
        {"exp": "9999999999"},
        {"exp": 99999999999999999},
        {"exp": 9999999999.5},
        {"exp": True},
        {"iat": 9999999999},
        {"sub": "nobody"},
        {"sub": "00000000-0000-0000-0000-000000000000"},
        {"sid": "00000000-0000-0000-0000-000000000000"},
        {"sid": "../../etc/passwd"},
        {"home": ""},
    ],
)
async def test_get_me_refuses_a_wrong_claim(
    ann: Person, visitor: Visitor, forge: Forge, claims: dict[str, Any]
) -> None:
    await refused(ann, visitor, forge(**claims))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "home", "sid", "jti", "iat", "exp"])
async def test_get_me_refuses_a_token_that_lacks_a_claim(
    ann: Person, visitor: Visitor, forge: Forge, claim: str
) -> None:
    await refused(ann, visitor, forge(without=(claim,)))


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": "unknown"},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": ""},
        {"typ": "JWT"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}},
        {"jku": "https://elsewhere.example/keys"},
        {"crit": ["b64"], "b64": False},
        {"x5u": "file:///etc/passwd"},
    ],
)
async def test_get_me_refuses_a_wrong_header(
    ann: Person, visitor: Visitor, forge: Forge, headers: dict[str, Any]
) -> None:
    try:
        token = forge(headers=headers)
    except (jwt.PyJWTError, TypeError):
        token = ".".join([part(jwt.get_unverified_header(forge()) | headers), *forge().split(".")[1:]])
    await refused(ann, visitor, token)


async def test_get_me_refuses_another_signature(ann: Person, visitor: Visitor, forge: Forge) -> None:
    await refused(ann, visitor, forge(signed_with=Ed25519PrivateKey.generate()))
    token = ann.tokens.access_token
    await refused(ann, visitor, token[:-6] + ("AAAAAA" if not token.endswith("AAAAAA") else "BBBBBB"))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "EdDSA", "RS256", ""])
async def test_get_me_refuses_a_token_without_a_signature(ann: Person, visitor: Visitor, algorithm: str) -> None:
    await refused(ann, visitor, unsigned(ann.tokens.access_token, algorithm))


async def test_get_me_refuses_the_public_key_used_as_a_secret(
    ann: Person, visitor: Visitor, forge: Forge, server: App
) -> None:
    key = await server.identity.parts.signing.signer()
    for secret in (key.public.public_bytes_raw(), base64.urlsafe_b64encode(key.public.public_bytes_raw())):
        await refused(ann, visitor, forge(signed_with=secret, algorithm="HS256"))


async def test_get_me_refuses_another_users_name_in_a_token_of_ones_own(
    ann: Person, bob: Person, visitor: Visitor
) -> None:
    head, payload, signature = ann.tokens.access_token.split(".")
    await refused(ann, visitor, f"{head}.{bob.tokens.access_token.split('.')[1]}.{signature}")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "...", "tsk", "e30.e30.e30", "\u00fc" * 3, "A" * 7000])
async def test_get_me_refuses_rubbish(ann: Person, visitor: Visitor, token: str) -> None:
    await refused(ann, visitor, token.encode("ascii", "replace").decode())


async def test_get_me_refuses_a_refresh_token_and_a_device_token(ann: Person, visitor: Visitor) -> None:
    await refused(ann, visitor, ann.tokens.refresh_token)
    await refused(ann, visitor, ann.device_token)


async def test_get_me_refuses_a_session_that_has_another_user(
    ann: Person, bob: Person, visitor: Visitor, forge: Forge
) -> None:
    await refused(ann, visitor, forge(sub=bob.user.id, home=bob.user.home_id))


async def test_get_me_refuses_an_access_key_that_is_none(visitor: Visitor) -> None:
    for key in ("tsk_" + "A" * 43, "tsk_", "tsk_" + "A" * 44, "tsk_' OR 1=1 --"):
        refusal = await refusal_of(visitor.with_token(key).auth.GetMe(pb.GetMeRequest()))
        assert refusal.reason == "INVALID_ACCESS_KEY"


async def test_get_me_after_signing_in_again_is_the_same_user(visitor: Visitor, ann: Person) -> None:
    again = await visitor.sign_in(ann.email, request_id=new_id())
    assert again.user.id == ann.user.id
