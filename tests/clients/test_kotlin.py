"""The Kotlin SDK as an app developer gets it: its own tests, and programs against a real server by native gRPC."""

import pytest

from clients.app import read_program, read_promises
from clients.kotlin import SDK, build_kotlin
from clients.tools import run
from up.stack import Stack

SAMPLE = """\
Ann is signed in
Bob is signed in
Ann's cash: -12.30
Bob sees: Dinner, 30.01 EUR
open: -15.00, 15.00
Bob has paid, and Ann says so
open: nothing
"""


@pytest.fixture(scope="module")
def class_path() -> str:
    return build_kotlin()


def test_the_readme_does_what_it_says(class_path: str, stack: Stack) -> None:
    promises = read_promises(read_program(SDK / "README.md", "kotlin"))
    assert len(promises) >= 7
    done = run("java", "-cp", class_path, "tallystick.readme.ReadmeKt", stack.address)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == promises


def test_two_people_share_an_expense(class_path: str, stack: Stack) -> None:
    done = run("java", "-cp", class_path, "tallystick.sample.SampleKt", stack.address)
    assert done.returncode == 0, done.stderr
    assert done.stdout == SAMPLE or done.stdout == SAMPLE.replace("15.00, 15.00", "15.01, 15.01")
