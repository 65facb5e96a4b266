"""How is a page's shell typed? All of its blocks in order, in one bash, as a reader has it: in a clone, beside what `make up` runs."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from clients.guides.pages import Block
from clients.tools import TOP

# Begins what a block prints. No program prints it by itself.
MARK = "\x1e"
TIMEOUT_S = 240
# What a call answers that failed. A page that means it shows it.
REFUSED = re.compile(r'"code": ?\d+.*"reason"')
ENDED = re.compile(r"^\((?:ended with|did not end)", re.MULTILINE)
# Ends what a page started in the background, whatever became of the page.
PREAMBLE = """set -e -o pipefail
trap 'for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done; wait' EXIT
"""


def make_clone(folder: Path) -> Path:
    """A folder that looks like a fresh clone, where pages may leave their files."""
    for entry in TOP.iterdir():
        if entry.name not in (".git", ".venv"):
            (folder / entry.name).symlink_to(entry)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def type_blocks(blocks: Sequence[Block], clone: Path, settings: Mapping[str, str], *programs: Path) -> list[str]:
    """What each block printed. The first that fails is the last, and ends with what bash said."""
    script = clone / "page.sh"
    parts = [f"printf '{MARK}'\n{block.code}" for block in blocks]
    script.write_text(PREAMBLE + "\n".join(parts))
    beside = [str(Path(sys.executable).parent), *(str(program.parent) for program in programs)]
    with (clone / "page.log").open("w") as log:
        typed = subprocess.Popen(
            ["bash", str(script)],
            cwd=clone,
            env={**settings, "PATH": os.pathsep.join([*beside, os.environ["PATH"]])},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        ended = f"ended with {typed.wait(TIMEOUT_S)}"
    except subprocess.TimeoutExpired:
        os.killpg(typed.pid, signal.SIGKILL)
        ended = f"did not end within {TIMEOUT_S} s; killed with {typed.wait()}"
    printed = (clone / "page.log").read_text(errors="replace").split(MARK)[1:]
    if typed.returncode:
        printed[-1] += f"\n({ended})"
    return printed


def find_difference(block: Block, printed: str) -> str:
    """How what it printed differs from what the page says. Empty: it does not."""
    if block.printed is not None:
        return "" if _fits(block.printed, printed) else f"the page says:\n{block.printed}\nit printed:\n{printed}"
    return f"it was refused:\n{printed}" if REFUSED.search(printed) or ENDED.search(printed) else ""


def _fits(promised: str, printed: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in promised.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
