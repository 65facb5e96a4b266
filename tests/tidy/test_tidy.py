"""What no linter knows: laws about the source itself."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from tallystick import contract
from tallystick.config import Config
from tallystick.gate.observation import event_of

TOP = Path(__file__).parents[2]
LINES_MAX = 450
# A service cannot be cut in two, so the list of its calls is as long as they are many. What else its file says is counted.
SERVICE = re.compile(r"^service \w+ \{$.*?^\}$", re.MULTILINE | re.DOTALL)
GENERATED = (
    *("server/tallystick/v1/", "tallystick_client/v1/", "sdk/typescript/src/gen/", "sdk/typescript/demo/dist/"),
    *("sdk/go/v1/", "proto/third_party/"),
)
# A function of Go with a type parameter looks like a link.
CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = (".py", ".ts", ".go", ".swift", ".dart", ".proto", ".sh")


def tracked() -> list[Path]:
    """Files of the project: those git knows and those it does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [TOP / name for name in listing if (TOP / name).is_file() and not name.startswith(GENERATED)]


def ours(*endings: str) -> list[Path]:
    return [path for path in tracked() if path.suffix in endings and not _is_generated(path)]


def _is_generated(path: Path) -> bool:
    return any(part in path.relative_to(TOP).as_posix() for part in GENERATED)


def test_no_file_is_two_rooms_in_one() -> None:
    """If you are here because this failed, a file has grown past what one can hold in mind. To fix: find the second question that
    it answers, and give that its own file."""
    long = {
        str(path.relative_to(TOP)): lines
        for path in ours(*CODE)
        if (lines := len(SERVICE.sub("", path.read_text()).splitlines())) > LINES_MAX
    }
    assert long == {}


@pytest.mark.parametrize("page", ours(".md"), ids=lambda page: str(page.relative_to(TOP)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    prose = CODE_BLOCK.sub("", page.read_text())
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_suppression_says_why() -> None:
    """`# noqa` and `# type: ignore` need a reason on the same line: `# noqa: BLE001 - why`."""
    bare = re.compile(r"#\s*(noqa(: ?[A-Z]+\d+(, ?[A-Z]+\d+)*)?|type: ignore(\[[a-z-, ]+\])?)\s*$")
    found = [
        f"{path.relative_to(TOP)}:{number}"
        for path in ours(".py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_nothing_names_the_host_of_a_package_registry() -> None:
    hosts = re.compile(
        r"py[p]i\.org|[p]ythonhosted|registry\.n[p]m|n[p]mjs|proxy\.g[o]lang|deb\.d[e]bian|repo1?\.m[a]ven"
    )
    found = [str(path.relative_to(TOP)) for path in tracked() if path.suffix != ".png" and hosts.search(_text(path))]
    assert found == []


def test_nothing_is_left_open() -> None:
    words = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK)\b")
    assert [str(path.relative_to(TOP)) for path in ours(*CODE) if words.search(_text(path))] == []


@pytest.mark.parametrize("rpc", contract.rpcs().values(), ids=lambda rpc: rpc.name)
def test_every_rpc_has_a_test_file_of_its_name(rpc: contract.Rpc) -> None:
    """If you are here because this failed, you added an RPC without `tests/rpc/<feature>/test_<its_name>.py`. To fix: add it
    (see server/docs/adding-an-rpc.md). Every test there also proves the journal of whatever it touched."""
    assert list((TOP / "tests" / "rpc").rglob(f"test_{event_of(rpc.path)}.py"))


def test_the_changelog_has_a_section_for_authors_of_clients() -> None:
    text = (TOP / "CHANGELOG.md").read_text()
    assert "## Unreleased" in text or re.search(r"^## \d+\.\d+\.\d+", text, re.MULTILINE)
    assert "### Contract" in text


def test_every_setting_has_a_meaning_and_no_two_share_a_name() -> None:
    names = [setting.metadata["env"] for setting in fields(Config)]
    assert len(names) == len(set(names))
    assert [setting.name for setting in fields(Config) if not setting.metadata["meaning"]] == []


def _text(path: Path) -> str:
    return path.read_text(errors="replace")
