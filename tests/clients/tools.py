"""Where are the programs that people call us with? On PATH, beside this Python, or built once into .build/.

Where one is missing, the tests that need it are skipped; but not where REQUIRE_EVERY_TOOL=yes says that everything is to be tested.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILT = TOP / ".build"
GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl"
GRPCURL_VERSION = "v1.9.4"
# It is built once and called a dozen times: half of the time would go into making it fast and debuggable.
GO_QUICKLY = ("-gcflags=all=-N -l -dwarf=false", "-ldflags=-s -w")
GO_TIMEOUT_S = 600
BUILD_TIMEOUT_S = 120
CALL_TIMEOUT_S = 30


def do_without(reason: str) -> NoReturn:
    """Skips what needs the missing tool, or fails it where nothing may be left out."""
    if os.environ.get("REQUIRE_EVERY_TOOL") == "yes":
        pytest.fail(f"{reason}, and REQUIRE_EVERY_TOOL=yes lets no test be skipped", pytrace=False)
    pytest.skip(reason)


def find_tool(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        do_without(f"{name} is not on PATH")
    return Path(found)


def once_a_run(name: str, make: Callable[[], object]) -> None:
    """Makes what all tests share, however many processes ask for it: it begins by taking away what was there before, under the hands of
    whoever has it already."""
    this_run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    BUILT.mkdir(exist_ok=True)
    done = BUILT / name
    with (BUILT / f"{name.partition('-')[0]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != this_run:
            make()
            done.write_text(this_run)


def build_sdk(*scripts: str) -> Path:
    """The folder of the TypeScript SDK, once these scripts of its package have run."""
    folder = TOP / "sdk" / "typescript"
    npm = find_tool("npm")
    assert (folder / "node_modules").is_dir(), "The SDK's packages are missing. To fix: cd sdk/typescript && npm ci"
    for script in scripts:
        words = [npm, "run", "--silent", script]
        once_a_run(
            f"sdk-{script.replace(':', '-')}",
            partial(subprocess.run, words, cwd=folder, check=True, timeout=BUILD_TIMEOUT_S),
        )
    return folder


def write_docs() -> Path:
    """The documentation, which an installation hands out where there is one."""
    folder = BUILT / "docs"
    BUILT.mkdir(exist_ok=True)
    with (BUILT / "docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "openapi.json").exists():
            subprocess.run(
                [sys.executable, "-m", "handbook", str(folder)], cwd=TOP, check=True, timeout=BUILD_TIMEOUT_S
            )
    return folder


def install_grpcurl() -> Path | None:
    """Builds it if need be. None without Go."""
    on_path = shutil.which("grpcurl")
    if on_path is not None:
        return Path(on_path)
    folder = BUILT / f"grpcurl-{GRPCURL_VERSION}"
    program = folder / "grpcurl"
    go = shutil.which("go")
    if not program.exists() and go is not None:
        environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-trimpath", "CGO_ENABLED": "0"}
        subprocess.run(
            [go, "install", *GO_QUICKLY, f"{GRPCURL}@{GRPCURL_VERSION}"],
            env=environment,
            check=True,
            timeout=GO_TIMEOUT_S,
        )
    return program if program.exists() else None


def find_buf() -> Path:
    beside = Path(sys.executable).parent / "buf"
    found = beside if beside.exists() else shutil.which("buf")
    assert found, "buf is missing. To fix: make"
    return Path(found)


def run(
    *words: str | Path,
    stdin: str | None = None,
    within: Path | None = None,
    within_s: float = CALL_TIMEOUT_S,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """What a program said. Whether it failed is for the test to judge. `within`: where it leaves its files."""
    return subprocess.run(
        [str(word) for word in words],
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        cwd=within,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        # A call may answer with a file.
        errors="replace",
        check=False,
        timeout=within_s,
    )


def read_json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr or done.stdout
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(install_grpcurl() or "Go is not on PATH, so grpcurl cannot be built")
