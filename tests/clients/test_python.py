"""The Python SDK as an app developer gets it."""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from uuid import uuid4

import tallystick_client
from clients.app import read_program, read_promises
from clients.tools import TOP, run
from up.stack import Stack

SDK = TOP / "sdk" / "python"


def test_the_readme_does_what_it_says(stack: Stack, tmp_path: Path) -> None:
    program = read_program(SDK / "README.md", "python")
    promises = read_promises(program)
    assert len(promises) >= 3
    (tmp_path / "program.py").write_text(program.replace("127.0.0.1:8080", stack.address))
    done = run(sys.executable, "-W", "error", tmp_path / "program.py", within=tmp_path, PYTHONPATH=str(SDK))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == promises


def test_the_sample_tells_the_story_that_all_tell(stack: Stack) -> None:
    told = run(
        sys.executable,
        *("-W", "error", SDK / "sample" / "story.py"),
        *(stack.address, f"py-{uuid4().hex[:12]}@example.com"),
        PYTHONPATH=str(SDK),
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout == (TOP / "sdk" / "story.txt").read_text()


def test_the_stub_of_every_service_is_at_the_top() -> None:
    stubs = {
        name
        for module in iter_modules([str(SDK / "tallystick_client" / "v1")])
        if module.name.endswith("_service_pb2_grpc")
        for name in vars(import_module(f"tallystick_client.v1.{module.name}"))
        if name.endswith("ServiceStub")
    }
    assert stubs == {name for name in tallystick_client.__all__ if name.endswith("Stub")}


def test_nothing_of_the_server_is_needed() -> None:
    """An app installs the SDK alone."""
    looked = run(
        sys.executable,
        "-c",
        "import sys, tallystick_client; print('tallystick' in sys.modules)",
        PYTHONPATH=str(SDK),
    )
    assert looked.stdout.strip() == "False", looked.stderr
