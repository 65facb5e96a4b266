"""Everything at once, as one command runs it: order, deaths, Ctrl-C, and a supervisor that is killed."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from runtime.probes import Parent, free_port, is_alive, list_children, list_processes_naming, until
from runtime.sample_contract import compile_sample

UP_SCRIPT = Path(__file__).with_name("up.py")


class Up(Parent):
    def __init__(self, place: Path) -> None:
        self.place = place
        self.port = free_port()
        descriptors = compile_sample(place)
        super().__init__(
            place,
            script=UP_SCRIPT,
            descriptors=str(descriptors),
            port=self.port,
            workers=[free_port(), free_port()],
        )

    def diary(self) -> list[str]:
        path = self.place / "diary"
        return path.read_text().splitlines() if path.exists() else []

    def answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/v1/echo/you")
            answer = connection.getresponse()
            return answer.status == 200 and json.load(answer)["text"] == "you"
        except (ConnectionError, HTTPException):
            return False
        finally:
            connection.close()

    def living(self) -> dict[str, int]:
        """The direct children by what they are, as the kernel tells it."""
        found = {}
        for pid in list_children(self.pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                name = Path(words[0]).name
                if name.startswith("python") and words[1].endswith("worker.py"):
                    found[f"worker-{words[2]}"] = pid
                elif name in ("envoy", "postgres"):
                    found[name] = pid
        return found


@pytest.fixture
def up(template: Path, place: Path) -> Iterator[Up]:
    subprocess.run(["cp", "-a", str(template), str(place / "data")], check=True)
    started = Up(place)
    started.wait_for("ready")
    yield started
    started.close()


def test_stages_start_in_order_and_serve(up: Up) -> None:
    assert up.diary() == ["migrated", "worker started", "worker started"]
    assert up.answers()
    assert up.living() == up.said("ready")[0]


@pytest.mark.parametrize("interrupt", [Up.end, lambda up, number: os.killpg(up.pid, number)])
def test_ctrl_c_stops_in_reverse_order_and_leaves_no_process(up: Up, interrupt: Callable[[Up, int], object]) -> None:
    """Also when the terminal sends the signal to the whole group: the children are not in it."""
    interrupt(up, signal.SIGINT)
    assert up.popen.wait(20) == 0
    assert up.diary()[3:] == ["worker stopped, database still there"] * 2
    assert not list_processes_naming(str(up.place))
    assert not (up.place / "data" / "run").exists()


def test_kill_9_of_the_supervisor_leaves_no_process(up: Up) -> None:
    children = up.living()
    assert len(children) == 4
    up.end(signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in children.values()), "the children follow")
    until(lambda: not list_processes_naming(str(up.place)), "nothing is left")


def test_what_is_killed_is_started_again_and_the_others_go_on(up: Up) -> None:
    for name in up.living():
        before = up.living()
        os.kill(before[name], signal.SIGKILL)
        until(lambda: up.living().get(name, before[name]) != before[name], f"{name} is started again")  # noqa: B023 - called before the loop goes on
        until(up.answers, "requests are answered again")
        others = {other: pid for other, pid in up.living().items() if other != name}
        assert others == {other: pid for other, pid in before.items() if other != name}
    assert up.end(signal.SIGTERM) == 0
    assert not list_processes_naming(str(up.place))


def test_requests_go_to_the_other_worker_when_one_has_died(up: Up) -> None:
    worker = next(pid for name, pid in up.living().items() if name.startswith("worker"))
    os.kill(worker, signal.SIGKILL)
    until(lambda: not is_alive(worker), "the worker is dead")
    answers = [up.answers() for _ in range(20)]
    # One request may be on its way to the dead worker before Envoy reads the end of that connection. Nobody
    # knows whether a handler saw it, so nobody but the client may repeat it.
    assert answers.count(False) <= 1
