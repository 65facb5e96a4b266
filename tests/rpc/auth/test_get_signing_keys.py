"""What GetSigningKeys promises."""

import json

import jwt
from google.protobuf.json_format import MessageToDict

from people import Person
from rpc.auth.visitors import Visitor
from tallystick.app import App
from tallystick_client.v1 import auth_service_pb2 as pb


async def test_get_signing_keys_lets_anybody_verify_an_access_token(visitor: Visitor, ann: Person) -> None:
    keys = (await visitor.auth.GetSigningKeys(pb.GetSigningKeysRequest())).keys
    kid = jwt.get_unverified_header(ann.tokens.access_token)["kid"]
    jwk = jwt.PyJWK.from_json(json.dumps(next(MessageToDict(key) for key in keys if key.kid == kid)))
    claims = jwt.decode(ann.tokens.access_token, jwk, ["EdDSA"], audience="tallystick")
    assert (claims["sub"], claims["sid"]) == (ann.user.id, ann.tokens.session_id)


async def test_get_signing_keys_shows_the_next_key_before_it_signs(visitor: Visitor) -> None:
    keys = (await visitor.auth.GetSigningKeys(pb.GetSigningKeysRequest())).keys
    assert len(keys) >= 2
    assert len({key.kid for key in keys}) == len(keys)
    assert {(key.kty, key.crv, key.alg, key.use) for key in keys} == {("OKP", "Ed25519", "EdDSA", "sig")}


async def test_get_signing_keys_shows_no_private_key(visitor: Visitor, server: App) -> None:
    answer = (await visitor.auth.GetSigningKeys(pb.GetSigningKeysRequest())).SerializeToString()
    signer = await server.identity.parts.signing.signer()
    assert signer.private.private_bytes_raw() not in answer
