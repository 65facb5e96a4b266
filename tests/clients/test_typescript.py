"""The TypeScript SDK against a real server: grpc-web as a browser speaks it, and native gRPC."""

import json
import re
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from clients.app import compile_typescript, link, make_app, read_program, read_promises
from clients.people import Book
from clients.rest import Rest
from clients.tools import TOP, find_tool, read_json, run
from tallystick import contract
from tallystick.currencies import EXPONENTS
from tallystick.v1.options_pb2 import CallerLevel
from up.stack import Stack

CALLS = Path(__file__).with_name("calls.mjs")
STORY_PAGE = Path(__file__).with_name("story_page.mjs")
STORY = TOP / "sdk" / "story.txt"
SERVING = 1
PAGE_TIMEOUT_S = 90
ORIGIN = "http://localhost:5173"
SERVICES_PROGRAM = """
import { createTallystick } from "@tallystick/client";
import * as services from "@tallystick/client/services";
const tallystick = createTallystick({ baseUrl: "http://127.0.0.1:9", services });
const named = Object.entries(services).filter(([name]) => name in tallystick).map(([name, { typeName }]) => [name, typeName]);
console.log(JSON.stringify(Object.fromEntries(named)));
"""
EXPONENTS_PROGRAM = """
import { exponentOf } from "@tallystick/client";
console.log(JSON.stringify(Object.fromEntries(process.argv[2].split(" ").map((code) => [code, exponentOf(code)]))));
"""


@pytest.fixture
def app(sdk: Path, tmp_path: Path) -> Path:
    return make_app(tmp_path, sdk)


@pytest.mark.parametrize("transport", ["grpc-web", "grpc"])
def test_somebody_signs_up_and_keeps_a_book(app: Path, stack: Stack, transport: str) -> None:
    script = shutil.copy(CALLS, app)
    said = read_json(run("node", script, transport, stack.url, f"sdk-{uuid4().hex[:12]}@example.com"))
    # Two to the power of 53, plus one: no floating point number holds it.
    assert said["balances"] == ["-9007199254740.993"] * 2
    assert said["listed"] == [said["transactionId"]]
    assert said["bookId"] in said["spaces"]
    assert said["health"] == SERVING
    failures = said["failures"]
    assert all(failure["isOurs"] for failure in failures.values()), failures
    assert {name: failure["reason"] for name, failure in failures.items()} == {
        "nobody": "NOT_SIGNED_IN",
        "wrong": "WRONG_CREDENTIALS",
        "missing": "NOT_FOUND",
        "invalid": "INVALID_FIELD",
        "reused": "REQUEST_ID_REUSED",
    }
    assert {violation["field"] for violation in failures["invalid"]["violations"]} == {
        "request_id",
        "booked_on",
    }


def test_the_readme_does_what_it_says(app: Path, sdk: Path, stack: Stack) -> None:
    program = read_program(sdk / "README.md", "ts")
    promises = read_promises(program)
    assert len(promises) >= 8
    compiled = compile_typescript(app, sdk, program.replace("http://127.0.0.1:8080", stack.url))
    assert compiled.returncode == 0, compiled.stdout
    done = run("node", app / "program.js")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == promises


def test_the_sample_tells_the_story_that_all_tell(app: Path, sdk: Path, stack: Stack) -> None:
    shutil.copy(sdk / "sample" / "story.ts", app)
    link(app / "node_modules" / "@connectrpc" / "connect", sdk / "node_modules" / "@connectrpc" / "connect")
    compiled = compile_typescript(app, sdk, (sdk / "sample" / "node.ts").read_text())
    assert compiled.returncode == 0, compiled.stdout
    told = run("node", app / "program.js", stack.url, f"ts-{uuid4().hex[:12]}@example.com")
    assert told.returncode == 0, told.stderr
    assert told.stdout == STORY.read_text()


def test_it_tells_the_same_in_a_browser_with_its_network_cut(app: Path, sdk: Path, stack: Stack) -> None:
    for name in ("story.ts", "page.ts"):
        shutil.copy(sdk / "sample" / name, app)
    told = run(
        *("node", STORY_PAGE, sdk, app, find_tool("chromium"), stack.url),
        f"page-{uuid4().hex[:12]}@example.com",
        within_s=PAGE_TIMEOUT_S,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout == STORY.read_text()


def test_every_service_has_its_name(app: Path) -> None:
    """If you are here because this failed, there is a new service: give it a name in sdk/typescript/src/services.ts."""
    (app / "services.js").write_text(SERVICES_PROGRAM)
    services = {path.split("/")[1] for path in (rpc.path for rpc in contract.rpcs().values())}
    assert sorted(read_json(run("node", app / "services.js")).values()) == sorted(services)


def test_calls_that_anybody_may_make_are_those_of_the_contract(sdk: Path) -> None:
    """If you are here because this failed, a call has become public, or is not any more: say so in sdk/typescript/src/public.ts."""
    named = re.findall(r'^  "(\w+/\w+)",$', (sdk / "src" / "public.ts").read_text(), re.MULTILINE)
    public = {rpc.path for rpc in contract.rpcs().values() if rpc.access.caller == CallerLevel.CALLER_LEVEL_PUBLIC}
    assert {f"/tallystick.v1.{name}" for name in named} == public


def test_currencies_have_the_decimals_that_the_server_gives_them(app: Path) -> None:
    (app / "exponents.js").write_text(EXPONENTS_PROGRAM)
    assert read_json(run("node", app / "exponents.js", " ".join(EXPONENTS))) == EXPONENTS


def test_a_browser_may_call_and_may_read_why_a_call_failed(stack: Stack) -> None:
    """What the browser asks before the first call of a page on another origin."""
    reply = Rest(stack).call(
        "OPTIONS",
        "/tallystick.v1.LedgerService/CreateBook",
        origin=ORIGIN,
        access_control_request_method="POST",
        access_control_request_headers="authorization,content-type,grpc-timeout,x-grpc-web,x-user-agent",
    )
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    assert {"authorization", "content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"} <= _list(
        reply.headers["access-control-allow-headers"]
    )
    assert "post" in _list(reply.headers["access-control-allow-methods"])


def test_the_answer_shows_a_browser_the_status_and_its_details(book: Book) -> None:
    reply = book.rest.get("/v1/auth/me", origin=ORIGIN)
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    exposed = _list(reply.headers["access-control-expose-headers"])
    assert {"grpc-status", "grpc-message", "grpc-status-details-bin"} <= exposed


def test_a_page_of_another_origin_may_not_call(stack: Stack) -> None:
    reply = Rest(stack).call(
        "OPTIONS", "/v1/books", origin="https://evil.example", access_control_request_method="POST"
    )
    assert "access-control-allow-origin" not in reply.headers


def test_the_package_holds_what_an_app_needs_and_nothing_else(sdk: Path) -> None:
    packed = run("npm", "pack", "--dry-run", "--json", "--ignore-scripts", str(sdk), npm_config_loglevel="silent")
    contents = json.loads(packed.stdout)
    [package] = contents.values() if isinstance(contents, dict) else contents
    paths = {file["path"] for file in package["files"]}
    about = {"LICENSE", "README.md", "package.json"}
    assert about | {"dist/src/index.js", "dist/src/index.d.ts"} <= paths
    assert {path for path in paths if not path.startswith("dist/src/")} == about


def _list(header: str) -> set[str]:
    return {word.strip().lower() for word in header.split(",")}
