"""Who calls, and may such a caller make this call at all? Whether they may in that space is the write door's question."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Protocol
from urllib.parse import unquote

from tallystick.caller import Caller
from tallystick.contract import Rpc
from tallystick.errors import NotAllowed, NotSignedIn
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.identity_pb2 import AccessKeyScope
from tallystick.v1.options_pb2 import CallerLevel

BEARER = "Bearer "


class Credentials(Protocol):
    """Knows whom a bearer token belongs to (identity/credentials.py)."""

    async def caller_of(self, bearer: str, address: str) -> Caller:
        """The caller, or NotSignedIn."""


class Addresses:
    """Finds the address that a call came from, believing only the proxies it was told of."""

    def __init__(self, trusted_proxies: tuple[str, ...]) -> None:
        self._trusted = tuple(ip_network(proxy) for proxy in trusted_proxies)

    def of(self, peer: str, metadata: Mapping[str, str]) -> str:
        """`peer` is grpc's, such as "ipv4:192.0.2.7:50432" or "unix:"."""
        direct = _host_of(peer)
        forwarded = metadata.get("x-forwarded-for", "")
        if not forwarded or not (peer.startswith("unix:") or self._is_trusted(direct)):
            return direct
        # Each proxy appends the address that it saw itself. What stands before the last one that is no proxy of ours, came from the client.
        seen = [address.strip() for address in forwarded.split(",")]
        return next((address for address in reversed(seen) if not self._is_trusted(address)), seen[-1])

    def _is_trusted(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


async def authenticate(rpc: Rpc, metadata: Mapping[str, str], address: str, credentials: Credentials) -> Caller | None:
    """The caller of a call that needs one. None for public calls, whatever they carry."""
    if rpc.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC:
        return None
    authorization = metadata.get("authorization", "")
    if not authorization.startswith(BEARER):
        raise NotSignedIn(ErrorReason.ERROR_REASON_NOT_SIGNED_IN, "Sign in first.")
    caller = await credentials.caller_of(authorization[len(BEARER) :], address)
    if caller.key_limits is not None:
        _require_scope(rpc, caller.key_limits.scope)
    return caller


def _require_scope(rpc: Rpc, scope: AccessKeyScope.ValueType) -> None:
    """An access key reaches only calls of its scope, and never those that need a session."""
    needs_write = rpc.is_write
    is_covered = scope == AccessKeyScope.ACCESS_KEY_SCOPE_WRITE or (
        scope == AccessKeyScope.ACCESS_KEY_SCOPE_READ and not needs_write
    )
    if rpc.access.caller != CallerLevel.CALLER_LEVEL_SIGNED_IN or not is_covered:
        raise NotAllowed(
            ErrorReason.ERROR_REASON_SCOPE_TOO_NARROW,
            "The access key does not cover this call.",
            metadata={"scope": AccessKeyScope.Name(scope)},
        )


def _host_of(peer: str) -> str:
    kind, _, rest = peer.partition(":")
    if kind not in ("ipv4", "ipv6"):
        return peer
    return unquote(rest).rpartition(":")[0].strip("[]")
