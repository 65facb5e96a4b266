"""What does the url of a webhook mean, and may it be connected to at an address? Pure.

Urls are read more strictly than browsers read them: what two readers could understand differently is refused, so that what was checked
is what is connected to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from tallystick.errors import InvalidInput
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.webhooks.addresses import Address, Network, is_in, is_public

PORT_MAX = 65535
HOST_MAX = 253

_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")
# What RFC 3986 lets stand there: no spaces, no control characters, no backslashes.
_PATH_AND_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/%?]*")
_NAME = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?"
)
# A host that ends like this is an address to those who read it leniently: 127.1, 0x7f000001, 017700000001.
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:0[xX][0-9A-Fa-f]*|[0-9]+)\.?")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook leads. `address` is None where the host is a name."""

    is_encrypted: bool
    host: str
    port: int
    path: str
    address: Address | None

    @property
    def authority(self) -> str:
        """As the Host header says it."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == (443 if self.is_encrypted else 80) else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """The target that a url names, if there is no doubt about it."""
    found = _URL.fullmatch(url)
    if found is None:
        raise _invalid("is no http or https address without a fragment")
    if "@" in found["authority"]:
        raise _invalid("holds credentials, which everybody in the space would see")
    authority = _AUTHORITY.fullmatch(found["authority"])
    if authority is None:
        raise _invalid("has no host, or no port, that can be read")
    path, query = found["path"] or "/", found["query"] or ""
    if not _PATH_AND_QUERY.fullmatch(path + query):
        raise _invalid("has characters in its path that must be percent-encoded")
    is_encrypted = found["scheme"].lower() == "https"
    port = int(authority["port"]) if authority["port"] else 443 if is_encrypted else 80
    if not 0 < port <= PORT_MAX:
        raise _invalid("has no such port")
    host, address = _read_host(authority["host"])
    return Target(is_encrypted, host, port, path + query, address)


def may_connect(target: Target, address: Address, allowed: Sequence[Network]) -> bool:
    """Without encryption only in networks that the operator allows."""
    return is_in(address, allowed) or (target.is_encrypted and is_public(address))


def require_possible(target: Target, allowed: Sequence[Network]) -> None:
    """Refuses what no answer about the host's name could make right."""
    if target.address is not None:
        require_one_allowed(target, [target.address], allowed)
    elif not target.is_encrypted and not allowed:
        raise _refused("must begin with https")


def require_one_allowed(target: Target, addresses: Sequence[Address], allowed: Sequence[Network]) -> None:
    if not any(may_connect(target, address, allowed) for address in addresses):
        raise _refused("leads to an address that webhooks may not lead to")


def _read_host(text: str) -> tuple[str, Address | None]:
    if text.startswith("["):
        try:
            address = IPv6Address(text[1:-1])
        except AddressValueError as wrong:
            raise _invalid("holds no IPv6 address") from wrong
        return str(address), address
    if _ENDS_IN_NUMBER.fullmatch(text):
        try:
            plain = IPv4Address(text)
        except AddressValueError as wrong:
            raise _invalid("spells an address in an odd way") from wrong
        return str(plain), plain
    if len(text) > HOST_MAX or not _NAME.fullmatch(text):
        raise _invalid("has a host that is no name; write letters beyond ASCII as punycode")
    return text.lower(), None


def _invalid(description: str) -> InvalidInput:
    return InvalidInput.of_field("url", description)


def _refused(description: str) -> InvalidInput:
    return InvalidInput.of_field("url", description, ErrorReason.ERROR_REASON_WEBHOOK_TARGET_REFUSED)
