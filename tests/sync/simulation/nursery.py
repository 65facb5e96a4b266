"""How is a device killed with `kill -9` in the middle of a step? It lives in a process of its own, which ends itself at some statement.

Run as a program it is the process that those are made from: it has imported everything, and each child is a copy of it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from bench.place import SERVER, TESTS
from sync.simulation import clocks
from sync.simulation.network import Events
from sync.simulation.turns import Say, Task, take_turn
from tallystick_client.offline import database

CHILD_LIFE_S = 60
KILLED = -signal.SIGKILL


class Nursery:
    """Makes devices that live in processes of their own, one at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lock = threading.Lock()

    def run(self, task: Task, say: Say) -> bool:
        """Lets a device have its turn. Returns whether it was killed in it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(asdict(task)) + "\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                # Of a line that was being written at the end, nobody was told.
                try:
                    said = json.loads(line)
                except ValueError:
                    continue
                if said[0] == "ended":
                    return _was_killed(said[1], task)
                say(said)
        raise AssertionError("the nursery has ended")


def _was_killed(code: int, task: Task) -> bool:
    assert code in (0, KILLED), f"a device ended with {code} in {task}"
    return code == KILLED


@contextmanager
def opened() -> Iterator[Nursery]:
    env = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join((str(SERVER), str(TESTS), str(TESTS.parent / "sdk/python"))),
    }
    command = [sys.executable, "-m", "sync.simulation.nursery"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=env, cwd=TESTS, **pipes) as process:
        try:
            yield Nursery(process)
        finally:
            # It ends with its input.
            assert process.stdin is not None
            process.stdin.close()
            process.wait(CHILD_LIFE_S)


def main() -> None:
    for line in sys.stdin:
        task = Task(**json.loads(line))
        child = os.fork()
        if not child:
            _live(task)
        _, status = os.waitpid(child, 0)
        os.write(sys.stdout.fileno(), b"\n")
        _tell(["ended", os.waitstatus_to_exitcode(status)])


def _live(task: Task) -> None:
    signal.alarm(CHILD_LIFE_S)
    code = 1
    try:
        if task.lives:
            _end_after(task.lives)
        events = Events(tell_extra=lambda request_ids: _tell(["extra", request_ids]))
        with clocks.installed():
            take_turn(task, events, _tell)
        events.settle()
        _tell(["counts", dict(events.counts)])
        code = 0
    except BaseException as failed:
        _tell(["failed", f"{type(failed).__name__}: {failed}"])
        raise
    finally:
        os._exit(code)


def _tell(said: list[Any]) -> None:
    os.write(sys.stdout.fileno(), (json.dumps(said) + "\n").encode())


def _end_after(statements: int) -> None:
    """Whatever SQLite was told to do by then is as it is."""
    left = [statements]

    def count(statement: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    prepare = database.Database._prepare

    def prepare_and_count(self: database.Database, user_id: str) -> None:
        prepare(self, user_id)
        self._connection.set_trace_callback(count)

    database.Database._prepare = prepare_and_count  # type: ignore[method-assign]  # in this process only


if __name__ == "__main__":
    main()
