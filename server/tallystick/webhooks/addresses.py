"""Which addresses may a webhook lead to? Pure. Public ones, and those in networks that the operator allows.

A user chooses where this server connects to, and the server may reach what the user may not: its own machine, its neighbours, the
metadata of its cloud. So everything is refused that is not known to be public, also where one address wraps another.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# The registries of special addresses of the IANA, and Azure's metadata, which has a public address.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
    )
)
# Of all IPv6 only this is given out to anybody, and these parts of it are not.
_GIVEN_OUT_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "3fff::/20"))

# Addresses that hold an IPv4 address, and how many bits stand behind it.
_WRAPPING = tuple(
    (IPv6Network(network), behind)
    for network, behind in (("::ffff:0:0/96", 0), ("::/96", 0), ("64:ff9b::/96", 0), ("2002::/16", 80))
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_V4_MASK = 2**32 - 1


def is_public(address: Address) -> bool:
    """Whether it is on the public internet, whatever it is wrapped in."""
    bare = unwrap(address)
    if isinstance(bare, IPv4Address):
        return not any(bare in network for network in _NOT_PUBLIC_V4)
    return bare in _GIVEN_OUT_V6 and not any(bare in network for network in _NOT_PUBLIC_V6)


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    """Whether it is in one of the networks, as it stands or as the IPv4 address that the system would connect to."""
    bare = unwrap(address) if address in _MAPPED else address
    return any(bare in network for network in networks)


def unwrap(address: Address) -> Address:
    """The IPv4 address that packets to this one end at; or the address itself."""
    if isinstance(address, IPv6Address):
        for network, behind in _WRAPPING:
            if address in network:
                return IPv4Address(int(address) >> behind & _V4_MASK)
    return address
