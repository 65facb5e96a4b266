"""Who is let through the gate, and whose address is believed?"""

from uuid import uuid4

import pytest

from tallystick import contract
from tallystick.caller import Caller, KeyLimits
from tallystick.errors import NotAllowed, NotSignedIn
from tallystick.gate.authentication import Addresses, authenticate
from tallystick.v1.identity_pb2 import AccessKeyScope
from tallystick.v1.options_pb2 import CallerLevel

READ, WRITE, IMPORT = (
    AccessKeyScope.ACCESS_KEY_SCOPE_READ,
    AccessKeyScope.ACCESS_KEY_SCOPE_WRITE,
    AccessKeyScope.ACCESS_KEY_SCOPE_IMPORT,
)
BEARER = {"authorization": "Bearer token"}


class Known:
    """Credentials that know one caller."""

    def __init__(self, scope: AccessKeyScope.ValueType | None = None) -> None:
        limits = None if scope is None else KeyLimits(frozenset({uuid4()}), scope)
        self.caller = Caller(uuid4(), uuid4(), None, "192.0.2.1", limits)

    async def caller_of(self, bearer: str, address: str) -> Caller:
        assert bearer == "token"
        return self.caller


@pytest.mark.parametrize("rpc", contract.rpcs().values(), ids=lambda rpc: rpc.name)
async def test_every_rpc_that_is_not_public_needs_credentials(rpc: contract.Rpc) -> None:
    if rpc.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC:
        assert await authenticate(rpc, {}, "192.0.2.1", Known()) is None
        return
    for metadata in ({}, {"authorization": ""}, {"authorization": "token"}, {"authorization": "Basic token"}):
        with pytest.raises(NotSignedIn) as refused:
            await authenticate(rpc, metadata, "192.0.2.1", Known())
        assert refused.value.reason_name == "NOT_SIGNED_IN"
    known = Known()
    assert await authenticate(rpc, BEARER, "192.0.2.1", known) is known.caller


@pytest.mark.parametrize("scope", [READ, WRITE, IMPORT], ids=["read", "write", "import"])
@pytest.mark.parametrize("rpc", contract.rpcs().values(), ids=lambda rpc: rpc.name)
async def test_an_access_key_reaches_only_what_its_scope_covers(
    rpc: contract.Rpc, scope: AccessKeyScope.ValueType
) -> None:
    if rpc.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC:
        return
    is_covered = rpc.access.caller == CallerLevel.CALLER_LEVEL_SIGNED_IN and (
        scope == WRITE or (scope == READ and not rpc.is_write)
    )
    if is_covered:
        assert await authenticate(rpc, BEARER, "192.0.2.1", Known(scope)) is not None
        return
    with pytest.raises(NotAllowed) as refused:
        await authenticate(rpc, BEARER, "192.0.2.1", Known(scope))
    assert refused.value.reason_name == "SCOPE_TOO_NARROW"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("ipv4:127.0.0.1:5000", "", "127.0.0.1"),
        ("ipv4:127.0.0.1:5000", "203.0.113.9", "203.0.113.9"),
        ("ipv4:127.0.0.1:5000", "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        # Another proxy of ours stands before that one.
        ("ipv4:127.0.0.1:5000", "10.0.0.1, 203.0.113.9, 127.0.0.1", "203.0.113.9"),
        ("ipv4:127.0.0.1:5000", "127.0.0.1", "127.0.0.1"),
        ("ipv4:127.0.0.1:5000", "no address, 127.0.0.1", "no address"),
        ("ipv4:198.51.100.7:5000", "203.0.113.9", "198.51.100.7"),
        ("ipv6:%5B::1%5D:5000", "2001:db8::9", "2001:db8::9"),
        ("ipv6:%5B2001:db8::7%5D:5000", "203.0.113.9", "2001:db8::7"),
        ("unix:", "203.0.113.9", "203.0.113.9"),
        ("unix:", "", "unix:"),
    ],
)
def test_an_address_is_believed_only_from_a_proxy_that_we_know(peer: str, forwarded: str, address: str) -> None:
    metadata = {"x-forwarded-for": forwarded} if forwarded else {}
    assert Addresses(("127.0.0.0/8", "::1/128")).of(peer, metadata) == address
