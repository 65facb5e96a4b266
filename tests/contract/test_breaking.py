"""Does the guard of the contract see what breaks it, wherever somebody stands? In a small project of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from clients.tools import find_buf

TOP = Path(__file__).parents[2]
KEPT = 'syntax = "proto3";\npackage tallystick.v1;\nmessage Book {\n  string id = 1;\n  string name = 2;\n}\n'
GROWN = KEPT.replace("2;\n", "2;\n  string note = 3;\n")
BROKEN = KEPT.replace("name", "title")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(TOP / "buf.yaml", tmp_path)
    third_party = tmp_path / "proto" / "third_party"
    third_party.mkdir(parents=True)
    (third_party / "none.proto").write_text('syntax = "proto3";\npackage none;\n')
    shutil.copy(TOP / "proto" / "breaking.sh", tmp_path / "proto")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, KEPT)
    return tmp_path


def git(project: Path, *words: str) -> None:
    who = (
        "-c",
        "user.name=Ann",
        "-c",
        "user.email=ann@example.com",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "tag.gpgsign=false",
    )
    subprocess.run(["git", *who, *words], cwd=project, check=True, capture_output=True)


def write(project: Path, contract: str) -> None:
    folder = project / "proto" / "tallystick" / "v1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "book.proto").write_text(contract)


def commit(project: Path, contract: str) -> None:
    write(project, contract)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--allow-empty", "--message", "Say something")


def is_kept(project: Path) -> bool:
    path = f"{find_buf().parent}:{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {"PATH": path}
    done = subprocess.run(
        ["sh", "proto/breaking.sh"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert "Comparing the contract with" in done.stdout, done.stderr
    # What is wrong with the tools is no verdict.
    assert done.returncode in {0, 100}, done.stderr
    return done.returncode == 0


def test_what_grows_is_fine_and_what_breaks_is_seen(project: Path) -> None:
    git(project, "checkout", "--quiet", "-b", "mine")
    commit(project, GROWN)
    assert is_kept(project)
    write(project, BROKEN)
    assert not is_kept(project)


def test_main_is_not_compared_with_itself(project: Path) -> None:
    commit(project, BROKEN)
    assert not is_kept(project)


def test_a_release_is_a_promise_whatever_main_says(project: Path) -> None:
    git(project, "tag", "v0.1.0")
    commit(project, BROKEN)
    # The tag of a single package promises nothing.
    git(project, "tag", "sdk/go/v0.1.1")
    git(project, "checkout", "--quiet", "-b", "mine")
    commit(project, BROKEN)
    assert not is_kept(project)
