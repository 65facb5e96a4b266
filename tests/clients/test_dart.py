"""What can be said of the Dart SDK where there is no Dart: do its lists say what the contract says?

Nothing here compiles or runs it: sdk/dart/README.md says so too.
"""

import re
from pathlib import Path

from clients.tools import TOP
from tallystick import contract
from tallystick.currencies import EXPONENTS
from tallystick.v1.options_pb2 import CallerLevel

SDK = TOP / "sdk" / "dart"
SOURCES = SDK / "lib" / "src"
CONTRACT = TOP / "proto" / "tallystick" / "v1"
CALL = re.compile(r"'(/tallystick\.v1\.\w+/\w+)'")


def has_service(path: Path) -> bool:
    return re.search(r"^service ", path.read_text(), re.MULTILINE) is not None


def test_calls_that_anybody_may_make_are_those_of_the_contract() -> None:
    """If you are here because this failed, a call has become public, or is not any more: say so in sdk/dart/lib/src/public.dart."""
    listed, _ = (SOURCES / "public.dart").read_text().split("const uploads")
    public = {rpc.path for rpc in contract.rpcs().values() if rpc.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC}
    assert set(CALL.findall(listed)) == public


def test_calls_whose_requests_are_a_stream_are_those_of_the_contract() -> None:
    _, listed = (SOURCES / "public.dart").read_text().split("const uploads")
    streamed = re.compile(r"^  rpc (\w+)\(stream ", re.MULTILINE)
    uploads = {
        f"/tallystick.v1.{service}/{method}"
        for path in CONTRACT.glob("*_service.proto")
        for service in re.findall(r"^service (\w+)", path.read_text(), re.MULTILINE)
        for method in streamed.findall(path.read_text())
    }
    assert set(CALL.findall(listed)) == uploads


def test_currencies_have_the_decimals_that_the_server_gives_them() -> None:
    lines = re.findall(r"^  (\d): '([A-Z ]+)',$", (SOURCES / "money.dart").read_text(), re.MULTILINE)
    others = {code: int(exponent) for exponent, codes in lines for code in codes.split()}
    assert {code: others.get(code, 2) for code in EXPONENTS} == EXPONENTS


def test_what_is_left_out_of_the_typescript_sdk_is_left_out_here() -> None:
    listed = re.compile(r"^      - (\S+)$", re.MULTILINE)
    wanted, actual = (
        set(listed.findall((TOP / "proto" / name).read_text())) for name in ("buf.gen.yaml", "buf.gen.dart.yaml")
    )
    assert {name for name in wanted if not name.startswith(("target=", "import_"))} == actual


def test_every_file_of_the_contract_is_exported() -> None:
    """A file with a service has its stubs in another file than its messages, which that file exports."""
    wanted = {
        f"src/gen/tallystick/v1/{path.stem}.{'pbgrpc' if has_service(path) else 'pb'}.dart"
        for path in CONTRACT.glob("*.proto")
        if path.stem != "options"
    }
    assert set(re.findall(r"^export '(\S+)';$", (SDK / "lib" / "v1.dart").read_text(), re.MULTILINE)) == wanted


def test_there_is_a_stub_for_every_service() -> None:
    named = re.findall(r"^  final (\w+)Client \w+;$", (SOURCES / "client.dart").read_text(), re.MULTILINE)
    assert set(named) == {rpc.path.split("/")[1].rpartition(".")[2] for rpc in contract.rpcs().values()}


def test_the_example_has_a_line_for_each_of_the_story() -> None:
    told = (SDK / "example" / "story.dart").read_text()
    heads = {line.split(":")[0] for line in (TOP / "sdk" / "story.txt").read_text().splitlines() if ":" in line}
    assert [head for head in sorted(heads) if f"'{head}: " not in told] == []
