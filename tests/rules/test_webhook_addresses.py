"""Is everything refused that is not public, however it is wrapped or spelled?"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.webhooks.addresses import is_in, is_public, unwrap

PRIVATE_V4 = [
    IPv4Network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
PRIVATE_V6 = [
    IPv6Network(each) for each in ("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2001:db8::/32", "100::/64")
]


def within(networks: Sequence[IPv4Network] | Sequence[IPv6Network]) -> st.SearchStrategy[Any]:
    """An address of one of them."""
    spans = st.sampled_from([(int(each.network_address), int(each.broadcast_address)) for each in networks])
    make = type(networks[0].network_address)
    return spans.flatmap(lambda span: st.integers(*span).map(make))


def wrapped(address: IPv4Address, behind: int = 0) -> list[IPv6Address]:
    number = int(address)
    return [
        IPv6Address(int(IPv6Address("::ffff:0:0")) + number),
        IPv6Address(number),
        IPv6Address(int(IPv6Address("64:ff9b::")) + number),
        IPv6Address(int(IPv6Address("2002::")) + (number << 80) + behind),
    ]


@given(within(PRIVATE_V4), st.integers(0, 2**80 - 1))
def test_what_is_private_is_refused_in_every_wrapping(address: IPv4Address, behind: int) -> None:
    assert not is_public(address)
    assert not any(is_public(each) for each in wrapped(address, behind))


@given(within(PRIVATE_V6))
def test_what_is_private_in_ipv6_is_refused(address: IPv6Address) -> None:
    assert not is_public(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
@example(IPv4Address("255.255.255.255"))
@example(IPv4Address("192.88.99.1"))
def test_nothing_is_public_that_python_does_not_call_so(address: IPv4Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved
        assert all(is_public(each) == (unwrap(each) == address) for each in wrapped(address))


@given(st.integers(0, 2**128 - 1).map(IPv6Address) | st.integers(0x20 << 120, (0x40 << 120) - 1).map(IPv6Address))
def test_nor_in_ipv6(address: IPv6Address) -> None:
    bare = unwrap(address)
    if is_public(address) and bare == address:
        assert address.is_global
        assert not address.is_multicast
        assert (int(address) >> 125) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("::", "::1", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1", "2001::1"),
        *("64:ff9b:1::1", "2001:0:a9fe:a9fe::", "3fff::1", "5f00::1", "::ffff:0:10.0.0.1"),
    ],
)
def test_metadata_and_their_like_are_refused(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::1.1.1.1", "2002:101:101::"]
)
def test_public_ones_are_public(text: str) -> None:
    assert is_public(ip_address(text))


def test_allowed_networks_are_meant_as_the_system_would_connect() -> None:
    allowed = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    assert is_in(ip_address("10.1.2.3"), allowed)
    assert is_in(ip_address("::ffff:10.1.2.3"), allowed)
    assert is_in(ip_address("fd00::1"), allowed)
    assert not is_in(ip_address("11.0.0.1"), allowed)
    # A way through somebody else's network.
    assert not is_in(ip_address("64:ff9b::10.1.2.3"), allowed)
