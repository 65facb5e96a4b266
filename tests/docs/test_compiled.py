"""Do the examples for TypeScript and Go compile? All of them at once, each in a function of its own."""

import json
import subprocess
from pathlib import Path

import pytest

from clients.tools import GO_TIMEOUT_S, TOP, find_tool, run
from handbook.model import Contract
from handbook.samples import compose_request
from handbook.snippets import Snippet, snippets_of
from handbook.snippets.words import stem_of

TYPESCRIPT = TOP / "sdk" / "typescript"
GO = TOP / "sdk" / "go"
GO_HEAD = """package examples

import (
\t"context"
\t"errors"
\t"fmt"
\t"io"

\t"google.golang.org/protobuf/proto"
\t"google.golang.org/protobuf/types/known/fieldmaskpb"
\ttallystick "tallystick.dev/go"
\tv1 "tallystick.dev/go/v1"
)

var (
\t_ = errors.Is
\t_ = io.EOF
\t_ = proto.String
\t_ = fieldmaskpb.New
\t_ = tallystick.NewID
)
"""


@pytest.fixture(scope="module")
def snippets(contract: Contract) -> list[Snippet]:
    return [each for call in contract.calls for each in snippets_of(call, compose_request(call))]


def test_typescript_compiles(snippets: list[Snippet], contract: Contract, tmp_path: Path) -> None:
    """Against the sources of the SDK, whose package names are paths here."""
    services = [(each.stub, each.name, stem_of(each.descriptor.file.name)) for each in contract.services]
    lines = ['import type { Client } from "@connectrpc/connect";', 'import { newId } from "@tallystick/client";']
    lines += [f'import type {{ {name} }} from "@tallystick/client/v1/{stem}";' for _, name, stem in services]
    lines.append(
        f"declare const tallystick: {{ {' '.join(f'{stub}: Client<typeof {name}>;' for stub, name, _ in services)} }};"
    )
    imports: set[str] = set()
    bodies = []
    for snippet in snippets:
        if snippet.key == "typescript":
            head = [line for line in snippet.code.split("\n") if line.startswith("import ")]
            imports |= {line for line in head if '"@tallystick/client"' not in line}
            bodies.append("{\n" + "\n".join(line for line in snippet.code.split("\n") if line not in head) + "\n}")
    names = sorted(
        {
            (name.strip(), line.partition(" from ")[2])
            for line in imports
            for name in line.partition("{")[2].partition("}")[0].split(",")
        }
    )
    lines += [f"import {{ {name} }} from {module}" for name, module in names]
    source = tmp_path / "examples.mts"
    source.write_text("\n".join([*lines, "export async function all() {", *bodies, "}", "void newId;"]))
    config = tmp_path / "tsconfig.json"
    paths = {
        "@tallystick/client": [f"{TYPESCRIPT}/src/index.ts"],
        "@tallystick/client/v1/*": [f"{TYPESCRIPT}/src/gen/tallystick/v1/*_pb.ts"],
        "@connectrpc/connect": [f"{TYPESCRIPT}/node_modules/@connectrpc/connect/dist/esm/index.d.ts"],
    }
    options = {"noEmit": True, "noUnusedLocals": False, "rootDir": "/", "skipLibCheck": True, "paths": paths}
    config.write_text(
        json.dumps(
            {
                "extends": f"{TYPESCRIPT}/tsconfig.json",
                "files": [str(source)],
                "include": [],
                "compilerOptions": options,
            }
        )
    )
    done = compile_with(
        TYPESCRIPT, find_tool("node"), TYPESCRIPT / "node_modules" / "typescript" / "bin" / "tsc", "-p", config
    )
    assert done.returncode == 0, done.stdout[:4000] + done.stderr


def test_go_compiles(snippets: list[Snippet], tmp_path: Path) -> None:
    bodies = [snippet.code for snippet in snippets if snippet.key == "go"]
    functions = []
    for number, body in enumerate(bodies):
        inner = "\n\t".join(body.split("\n"))
        functions.append(
            f"func example{number}(ctx context.Context, client *tallystick.Client) error {{\n\t{inner}\n\treturn nil\n}}\n"
        )
    source = tmp_path / "examples.go"
    source.write_text("\n".join([GO_HEAD, *functions]))
    overlay = overlay_with(source, tmp_path)
    done = compile_with(GO, find_tool("go"), "build", "-overlay", overlay, "./internal/examples")
    assert done.returncode == 0, done.stderr[:4000]
    assert run(find_tool("gofmt"), "-l", source).stdout == ""


def overlay_with(source: Path, place: Path) -> Path:
    """Puts the file into the SDK's module, for the compiler alone."""
    overlay = place / "overlay.json"
    overlay.write_text(json.dumps({"Replace": {str(GO / "internal" / "examples" / "examples.go"): str(source)}}))
    return overlay


def compile_with(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False, timeout=GO_TIMEOUT_S
    )
