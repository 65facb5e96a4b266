"""The Kotlin SDK as an app developer gets it: its own tests, and programs against a real server by native gRPC."""

import re
import sys
from functools import partial
from random import Random
from uuid import uuid4

import pytest

from clients.app import read_program, read_promises
from clients.kotlin import SDK, build_kotlin
from clients.tools import TOP, run
from sync.simulation import kotlin_devices, long_run
from sync.simulation.kotlin_devices import MixedWorld
from sync.simulation.world import Trouble
from tallystick import contract
from up.stack import Stack

SECONDS = 4.0


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")


@pytest.fixture(scope="module")
def class_path() -> str:
    return build_kotlin()


def test_the_readme_does_what_it_says(class_path: str, stack: Stack) -> None:
    promises = read_promises(read_program(SDK / "README.md", "kotlin"))
    assert len(promises) >= 17
    done = run("java", "-cp", class_path, "tallystick.readme.ReadmeKt", stack.address)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == promises


def test_the_sample_tells_the_story_that_all_tell(class_path: str, stack: Stack) -> None:
    email = f"kotlin-{uuid4().hex[:12]}@example.com"
    told = run("java", "-cp", class_path, "tallystick.sample.SampleKt", stack.address, email)
    assert told.returncode == 0, told.stderr
    assert told.stdout == (TOP / "sdk" / "story.txt").read_text()


def test_the_client_has_every_service_of_the_contract() -> None:
    """If you are here because this failed, the contract has another service: give it a stub in Client.kt."""
    written = (SDK / "src/main/kotlin/tallystick/client/Client.kt").read_text()
    stubs = set(re.findall(r"^    public val \w+: (\w+)CoroutineStub =", written, re.MULTILINE))
    assert stubs == {service.name for service in contract.services()}


async def test_kotlin_and_python_devices_end_up_with_the_same(class_path: str) -> None:
    """Copies of both SDKs of the same spaces, some of one user, on a network that loses and repeats, before servers that are killed."""
    seed = str(Random().getrandbits(32))
    tell(f"seed {seed}")
    with kotlin_devices.started(class_path) as java:
        walk = await long_run.run(seed, SECONDS, tell, Trouble(), make_world=partial(MixedWorld, java=java))
    assert walk.world.counts["commands"] > 0
