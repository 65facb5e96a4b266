"""What does an app developer have? A folder with our package installed, and a program."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from clients.tools import run

FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PROMISED = re.compile(r"^ *(?:console\.log|print|println)\(.*\);?  ?(?://|#) (?P<line>.+)$", re.MULTILINE)
# What an app installs beside the SDK itself.
ALSO_INSTALLED = ("@connectrpc/connect-node", "@types/node")

COMPILER_OPTIONS = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "verbatimModuleSyntax": True,
    "module": "nodenext",
    "target": "es2022",
    "lib": ["es2023", "dom"],
    "types": ["node"],
    "rootDir": ".",
}


def make_app(folder: Path, sdk: Path) -> Path:
    """As after `npm install`: links stand for what it would have unpacked."""
    modules = folder / "node_modules"
    link(modules / "@tallystick" / "client", sdk)
    for name in ALSO_INSTALLED:
        link(modules / name, sdk / "node_modules" / name)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def link(place: Path, target: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def read_program(readme: Path, language: str) -> str:
    """The snippets of a README as one program."""
    text = readme.read_text()
    return "\n".join(found["code"] for found in FENCE.finditer(text) if found["language"] == language)


def read_promises(program: str) -> list[str]:
    """What the README says that each line prints."""
    return [found["line"] for found in PROMISED.finditer(program)]


def compile_typescript(app: Path, sdk: Path, program: str) -> "subprocess.CompletedProcess[str]":
    return compile_programs(app, sdk, {"program.ts": program})


def compile_programs(app: Path, sdk: Path, programs: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """All at once: most of the time goes into reading the SDK."""
    for name, program in programs.items():
        (app / name).write_text(program)
    (app / "tsconfig.json").write_text(json.dumps({"compilerOptions": COMPILER_OPTIONS, "files": list(programs)}))
    return run(sdk / "node_modules" / ".bin" / "tsc", "--project", app)
