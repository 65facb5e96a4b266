"""Does every page do what it says? Whoever copies its commands into a shell, and its snippets into a program, gets what it shows."""

import ast
import re
import subprocess
import sys
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from clients.app import compile_programs, make_app, read_program, read_promises
from clients.guides.pages import PAGES, Block, read_blocks
from clients.guides.typed import find_difference, make_clone, type_blocks
from clients.tools import TOP, find_tool, run
from tallystick.runtime.postgres import READER
from up.stack import Stack

ADDRESS = "127.0.0.1:8080"
DOMAIN = "@example.com"
# Why a block of a page may go untried.
REASONS = {
    "changes this machine",
    "needs Docker",
    "needs a name of your own",
    "needs another machine",
    "needs PgBouncer",
    "needs nginx",
    "needs Citus",
    "needs Google's consent",
    "shows what a program would be given",
}
LANGUAGES = ("sh", "python", "ts")


def rewrite(text: str, stack: Stack, page: Path) -> str:
    """The address of this run for that of the page, and people whom no other page knows."""
    return text.replace(ADDRESS, stack.address).replace(DOMAIN, f"@{page.stem.lower()}.example.com")


def having(language: str) -> list[Path]:
    return [page for page in PAGES if any(block.language == language and block.runs for block in read_blocks(page))]


def name(page: Path) -> str:
    return page.stem


@pytest.fixture(scope="session")
def programs(sdk: Path, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TypeScript of every page, compiled at once."""
    app = make_app(tmp_path_factory.mktemp("app"), sdk)
    texts = {f"{page.stem}.ts": rewrite(read_program(page, "ts"), stack, page) for page in having("ts")}
    compiled = compile_programs(app, sdk, texts)
    assert compiled.returncode == 0, compiled.stdout
    return app


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_page_does_what_it_says(page: Path, stack: Stack, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Its programs come after its shell: whoever signed up there is who signs in."""
    type_shell(page, stack, tmp_path, request.getfixturevalue("grpcurl"))
    if page in having("python"):
        path = str(TOP / "sdk" / "python")
        (tmp_path / "program.py").write_text(rewrite(read_program(page, "python"), stack, page))
        python = run(sys.executable, "-W", "error", tmp_path / "program.py", within=tmp_path, PYTHONPATH=path)
        assert_keeps_its_promises(python, read_program(page, "python"))
    if page in having("ts"):
        node = run("node", request.getfixturevalue("programs") / f"{page.stem}.js")
        assert_keeps_its_promises(node, read_program(page, "ts"))


def type_shell(page: Path, stack: Stack, place: Path, grpcurl: Path) -> None:
    find_tool("jq")
    blocks = [
        replace(
            block, code=rewrite(block.code, stack, page), printed=block.printed and rewrite(block.printed, stack, page)
        )
        for block in read_blocks(page)
        if block.language == "sh" and block.runs
    ]
    forget_attempts(stack)
    said = type_blocks(blocks, make_clone(place), {**stack.environment(), "api": stack.url}, grpcurl)
    for block, printed in zip(blocks, said, strict=False):
        difference = find_difference(block, printed)
        assert not difference, f"{page.name}, line {block.line}: {difference}"
    assert len(said) == len(blocks)


def forget_attempts(stack: Stack) -> None:
    """Few may sign up from one address in an hour, and every page has people of its own."""
    with psycopg.connect(stack.dsns()[READER]) as connection:
        connection.execute("DELETE FROM throttle")


def assert_keeps_its_promises(done: "subprocess.CompletedProcess[str]", program: str) -> None:
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == read_promises(program)
    assert done.stdout, "a program that says nothing shows nothing"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_not_run_says_why_and_can_be_read(page: Path) -> None:
    for block in read_blocks(page):
        where = f"{page.name}, line {block.line}"
        assert block.language in LANGUAGES or not block.runs, f"{where}: nothing runs {block.language or 'this'}"
        assert not block.not_run or block.not_run in REASONS, f"{where}: {block.not_run}"
        if block.run_by:
            assert _has_test(block.run_by), f"{where}: there is no {block.run_by}"
        assert not find_fault(block), f"{where}: {find_fault(block)}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_command_hides_from_this(page: Path) -> None:
    """Indented code would be shown as code, and nobody would run it."""
    outside = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^(?:    |\t)\S.*$", outside, re.MULTILINE) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_its_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_it_begins_with_a_title_and_a_sentence(page: Path) -> None:
    title, blank, sentence, *_ = page.read_text().splitlines()
    assert title.startswith("# ")
    assert not blank
    assert sentence[:1].isalpha()


def test_make_up_starts_what_these_tests_stand_on(stack: Stack) -> None:
    assert planned_by_make("up").splitlines()[-1].endswith("python -m tallystick up")
    assert Path(f"/proc/{stack.pid}/cmdline").read_text().split("\0")[1:4] == ["-m", "tallystick", "up"]


def test_make_test_runs_these_tests() -> None:
    assert re.search(r"-m pytest .*\btests$", planned_by_make("test"), re.MULTILINE)


def planned_by_make(target: str) -> str:
    words = ["make", "--no-print-directory", "-n", "-o", "server/tallystick/v1", target]
    return subprocess.run(words, cwd=TOP, capture_output=True, text=True, check=True).stdout


def find_fault(block: Block) -> str:
    """What whoever reads it, and does not run it, would stumble over."""
    if block.language == "sh":
        return subprocess.run(["bash", "-n"], input=block.code, capture_output=True, text=True, check=False).stderr
    if block.language == "ini":
        try:
            ConfigParser(interpolation=None).read_string(block.code)
        except ConfigParserError as wrong:
            return str(wrong)
    if block.language == "nginx":
        unended = re.findall(r"^.*[^;{}\n]$", block.code, re.MULTILINE)
        return "\n".join(unended) or ("" if block.code.count("{") == block.code.count("}") else "a brace is open")
    return ""


def _has_test(node: str) -> bool:
    file, _, function = node.partition("::")
    if not (TOP / file).is_file():
        return False
    return any(
        isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef) and found.name == function
        for found in ast.walk(ast.parse((TOP / file).read_text()))
    )
