"""What an operator types beside a running `up`: the commands find its data and its database by themselves."""

import subprocess
import sys

import pytest

from people import BookOf, make_book
from up.stack import Stack


def run(stack: Stack, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", *command],
        env=stack.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "command", [("keys", "show"), ("audit", "verify"), ("audit", "head"), ("check",), ("version",)]
)
async def test_a_command_finds_what_up_runs(stack: Stack, book: BookOf, command: tuple[str, ...]) -> None:
    assert run(stack, *command)


async def test_keys_rotate_while_everything_runs_and_nobody_notices(stack: Stack, book: BookOf) -> None:
    await book.spend(100)
    run(stack, "keys", "rotate")
    await book.spend(50)
    assert await book.balance() == -150
    after = await make_book(book.person)
    await after.spend(25)
    assert await after.balance() == -25
