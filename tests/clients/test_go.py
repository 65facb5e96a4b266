"""The Go SDK as an app developer gets it, against a real server."""

import os
import re
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from clients.app import read_program
from clients.tools import GO_TIMEOUT_S, TOP, find_tool, run
from tallystick import contract
from tallystick.currencies import EXPONENTS
from tallystick.v1.options_pb2 import CallerLevel
from tallystick_client import Client, FileTokens
from tallystick_client.v1.auth_service_pb2 import GetMeRequest
from up.stack import Stack

SDK = TOP / "sdk" / "go"
PROMISED = re.compile(r"^\t*fmt\.Println\(.*\) +// (?P<line>.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def go() -> Path:
    return find_tool("go")


def build(go: Path, source: Path, program: Path) -> None:
    """Links a program with the SDK. What does not compile fails here."""
    words = [str(go), "build", "-o", str(program), str(source)]
    subprocess.run(words, cwd=SDK, env={**os.environ, "GOFLAGS": ""}, check=True, timeout=GO_TIMEOUT_S)


def test_the_readme_does_what_it_says(go: Path, stack: Stack, tmp_path: Path) -> None:
    snippets = read_program(SDK / "README.md", "go")
    promises = [found["line"] for found in PROMISED.finditer(snippets)]
    assert len(promises) >= 10
    source, program, tokens = tmp_path / "program.go", tmp_path / "program", tmp_path / "tokens"
    source.write_text(snippets.replace("127.0.0.1:8080", stack.address).replace('"tokens"', f'"{tokens}"'))
    formatted = run(go.with_name("gofmt"), "-d", source)
    assert formatted.stdout == "", formatted.stdout
    build(go, source, program)
    done = run(program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == promises
    # The other SDK that keeps tokens in files goes on with the same one.
    with Client(stack.address, FileTokens(tokens)) as client:
        assert client.auth.GetMe(GetMeRequest()).user.display_name == "Ann"


def test_the_sample_tells_the_story_that_all_tell(go: Path, stack: Stack, tmp_path: Path) -> None:
    program = tmp_path / "sample"
    build(go, SDK / "sample", program)
    told = run(program, stack.address, f"go-{uuid4().hex[:12]}@example.com")
    assert told.returncode == 0, told.stderr
    assert told.stdout == (TOP / "sdk" / "story.txt").read_text()


def test_calls_that_anybody_may_make_are_those_of_the_contract() -> None:
    """If you are here because this failed, a call has become public, or is not any more: say so in sdk/go/public.go."""
    named = re.findall(r"v1\.(\w+)_(\w+)_FullMethodName", (SDK / "public.go").read_text())
    public = {rpc.path for rpc in contract.rpcs().values() if rpc.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC}
    assert {f"/tallystick.v1.{service}/{method}" for service, method in named} == public


def test_currencies_have_the_decimals_that_the_server_gives_them() -> None:
    lines = re.findall(r'^\t\t(\d): "([A-Z ]+)",$', (SDK / "money.go").read_text(), re.MULTILINE)
    others = {code: int(exponent) for exponent, codes in lines for code in codes.split()}
    assert {code: others.get(code, 2) for code in EXPONENTS} == EXPONENTS


def test_what_is_left_out_of_the_typescript_sdk_is_left_out_here() -> None:
    """Of Google's messages Go has its own: they are no part of what is generated."""
    listed = re.compile(r"^      - (\S+)$", re.MULTILINE)
    wanted, actual = (
        set(listed.findall((TOP / "proto" / name).read_text())) for name in ("buf.gen.yaml", "buf.gen.go.yaml")
    )
    ours = {name for name in wanted if not name.startswith(("google.rpc", "proto/third_party", "target=", "import_"))}
    assert ours == actual
