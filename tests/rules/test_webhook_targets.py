"""Does a url mean one thing only?"""

import socket
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput
from tallystick.webhooks.targets import Target, may_connect, read_target, require_possible


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", Target(True, "a.example", 443, "/", None)),
        ("HTTPS://A.Example:8443/x?y=%20#", None),
        ("HTTPS://A.Example:8443/x?y=%20", Target(True, "a.example", 8443, "/x?y=%20", None)),
        ("http://10.0.0.1", Target(False, "10.0.0.1", 80, "/", ip_address("10.0.0.1"))),
        ("https://[2606:4700::1]:444?q", Target(True, "2606:4700::1", 444, "/?q", ip_address("2606:4700::1"))),
        ("https://xn--mnchen-3ya.example/", Target(True, "xn--mnchen-3ya.example", 443, "/", None)),
        ("https://a_b.example./", Target(True, "a_b.example.", 443, "/", None)),
    ],
)
def test_what_a_url_means(url: str, expected: Target | None) -> None:
    if expected is None:
        with pytest.raises(InvalidInput):
            read_target(url)
        return
    assert read_target(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        *("", "https:", "https://", "https:///path", "//a.example", "a.example", "https:a.example", "https:/a.example"),
        *(
            "ftp://a.example",
            "file:///etc/passwd",
            "gopher://a.example",
            "javascript:1",
            "data:text/plain,1",
            "ws://a.example",
        ),
        *("https://ann@a.example", "https://ann:pw@a.example", "https://@a.example", "https://a.example@10.0.0.1"),
        *(
            "https://a.example:0",
            "https://a.example:65536",
            "https://a.example:",
            "https://a.example:x",
            "https://a.example:-1",
        ),
        *(
            "https://127.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://0X7F.1",
            "https://017700000001",
            "https://0177.0.0.1",
        ),
        *(
            "https://127.0.0.1.",
            "https://127.0.0.01",
            "https://1.2.3.256",
            "https://1.2.3.4.5",
            "https://0",
            "https://0x",
        ),
        *(
            "https://[::1",
            "https://::1",
            "https://[::1%25lo]",
            "https://[::1%lo]",
            "https://[1.2.3.4]",
            "https://[v1.a]",
        ),
        *(
            "https://a..example",
            "https://-a.example",
            "https://a-.example",
            "https://.example",
            "https://" + "a" * 64 + ".example",
        ),
        *(
            "https://a.example\\@b.example",
            "https://a.example\\.b",
            "https://a b.example",
            "https://a.example/\r\nX: y",
        ),
        *(
            "https://a.example/\t",
            " https://a.example",
            "https://a.example\n",
            "https://a.example/ü",
            "https://münchen.example",
        ),
        *(
            "https://１２７.0.0.1",
            "https://ⓔxample.com",
            "https://a%2eexample",
            "https://a.example/<>",
            "https://a.example#x",
        ),
    ],
)
def test_what_is_no_target(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_target(url)
    assert [each.field for each in refused.value.violations] == ["url"]


@given(st.text(st.characters(max_codepoint=0x2FF) | st.sampled_from(":/@[].0x1%\\#?"), max_size=40))
@example("127.0.0.1:80")
@example("a.example:443/@x")
def test_whatever_is_taken_is_read_alike_by_others(rest: str) -> None:
    try:
        target = read_target(f"https://{rest}")
    except InvalidInput:
        return
    other = urlsplit(f"https://{rest}")
    assert (other.hostname, other.port or 443) == (target.host, target.port)
    assert other.username is None
    assert f"https://{rest}".isascii()
    assert not set(target.path) & set("\r\n \\")
    if target.address is None:
        # What the system takes for an address is none of our names.
        with pytest.raises(OSError, match="illegal"):
            socket.inet_aton(target.host.rstrip("."))
    else:
        assert ip_address(target.host) == target.address


def test_http_is_for_allowed_networks() -> None:
    plain, encrypted = read_target("http://a.example"), read_target("https://a.example")
    public, private = ip_address("93.184.215.14"), ip_address("10.0.0.1")
    allowed = [ip_network("10.0.0.0/8")]
    assert not may_connect(plain, public, allowed)
    assert may_connect(plain, private, allowed)
    assert not may_connect(plain, private, [])
    assert may_connect(encrypted, public, [])
    assert may_connect(encrypted, private, allowed)
    assert not may_connect(encrypted, private, [])
    require_possible(plain, allowed)
    with pytest.raises(InvalidInput):
        require_possible(plain, [])
    with pytest.raises(InvalidInput):
        require_possible(read_target("https://[::ffff:7f00:1]"), [])


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://a.example/", "a.example"),
        ("https://a.example:80/", "a.example:80"),
        ("http://a.example:80/", "a.example"),
        ("https://[2606:4700::1]:8443/", "[2606:4700::1]:8443"),
    ],
)
def test_the_host_header(url: str, authority: str) -> None:
    assert read_target(url).authority == authority
