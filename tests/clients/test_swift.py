"""Does the Swift SDK say what the contract says? Nothing here compiles Swift: what is read is its text."""

import re

from clients.tools import TOP
from tallystick import contract
from tallystick.currencies import EXPONENTS
from tallystick.v1.options_pb2 import CallerLevel

SDK = TOP / "sdk" / "swift"
SOURCES = SDK / "Sources" / "Tallystick"
LISTED = re.compile(r"^      - (\S+)$", re.MULTILINE)


def test_calls_that_anybody_may_make_are_those_of_the_contract() -> None:
    """If you are here because this failed, a call has become public, or is not any more: say so in Public.swift."""
    named = re.findall(r'^    "(\S+)",$', (SOURCES / "Public.swift").read_text(), re.MULTILINE)
    public = {rpc.path for rpc in contract.rpcs().values() if rpc.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC}
    assert {f"/{name}" for name in named} == public


def test_currencies_have_the_decimals_that_the_server_gives_them() -> None:
    lines = re.findall(r'^    (\d): "([A-Z ]+)",$', (SOURCES / "Money.swift").read_text(), re.MULTILINE)
    others = {code: int(exponent) for exponent, codes in lines for code in codes.split()}
    assert {code: others.get(code, 2) for code in EXPONENTS} == EXPONENTS


def test_every_service_has_a_stub() -> None:
    """If you are here because this failed, there is a new service: give the client a property for it."""
    stubs = re.findall(
        r"^    public let \w+: Tallystick_V1_(\w+)Client$", (SOURCES / "Client.swift").read_text(), re.MULTILINE
    )
    services = {rpc.path.split("/")[1].removeprefix("tallystick.v1.") for rpc in contract.rpcs().values()}
    assert sorted(stubs) == sorted(services)


def test_what_is_left_out_of_the_typescript_sdk_is_left_out_here() -> None:
    wanted, actual = (
        set(LISTED.findall((TOP / "proto" / name).read_text())) for name in ("buf.gen.yaml", "buf.gen.swift.yaml")
    )
    options = ("target=", "import_", "Visibility=", "Generate")
    assert {each for each in wanted if not each.startswith(options)} == {
        each for each in actual if not each.startswith(options)
    }


def test_the_sample_has_a_line_for_each_of_the_story() -> None:
    told = "".join(path.read_text() for path in sorted((SDK / "Sample").glob("*.swift")))
    heads = {line.split(":")[0] for line in (TOP / "sdk" / "story.txt").read_text().splitlines() if ":" in line}
    assert [head for head in sorted(heads) if f'"{head}:' not in told] == []
