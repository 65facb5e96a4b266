"""How do devices of Kotlin take part? One process of Java runs them, and is told line by line what each does; their files are read here."""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sync.simulation.devices import Device
from sync.simulation.kotlin_files import KotlinFile, Standing
from sync.simulation.network import Wire
from sync.simulation.relay import Relay
from sync.simulation.watched import WentBack
from sync.simulation.world import World
from tallystick_client.errors import NotFound, Unavailable
from tallystick_client.money import money_of
from tallystick_client.offline import SpaceForgotten, Verdict
from tallystick_client.offline.commands import wrap
from tallystick_client.offline.kinds import kind_of
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice, ResolveConflictRequest
from tallystick_client.v1.sync_pb2 import Conflict, ConflictState

# A program that soon ends is not worth making fast.
PROGRAM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "tallystick.client.offline.DevicesKt")
ANSWER_TIMEOUT_S = 120.0
END_TIMEOUT_S = 30.0
VERDICTS = {
    "SAME": Verdict.SAME,
    "MISMATCH": Verdict.MADE_ANEW,
    "ELSEWHERE": Verdict.CANNOT_TELL,
    "UNKNOWN": Verdict.CANNOT_TELL,
}


class Java:
    """The process. Threads may share it."""

    def __init__(self, process: "subprocess.Popen[str]", stack: ExitStack) -> None:
        self._process = process
        self._stack = stack
        self._lock = threading.Lock()
        self._asked: dict[int, Future[dict[str, Any]]] = {}
        self._count = 0
        self._relays: dict[Path, Relay] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def relay_of(self, path: Path) -> Relay:
        with self._lock:
            if path not in self._relays:
                self._relays[path] = self._stack.enter_context(Relay())
            return self._relays[path]

    def ask(self, path: Path, what: str, **more: str | int) -> Any:
        answer: Future[dict[str, Any]] = Future()
        assert self._process.stdin is not None
        with self._lock:
            self._count += 1
            self._asked[self._count] = answer
            line = json.dumps({"number": self._count, "device": str(path), "do": what, **more})
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        said = answer.result(ANSWER_TIMEOUT_S)
        if "failed" not in said:
            return said.get("answer")
        if said.get("reason") == "NOT_FOUND":
            raise NotFound(said["failed"], reason="NOT_FOUND")
        # What a call failed with that may do another time: the device says so itself, in what it tries again.
        if said.get("code") in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
            raise Unavailable(said["failed"])
        raise AssertionError(f"{path.name}: {what}: {said['failed']}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            self._asked.pop(said["number"]).set_result(said)
        for answer in self._asked.values():
            answer.set_exception(AssertionError("the process has ended"))


@contextmanager
def started(class_path: str) -> Iterator[Java]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(["java", "-cp", class_path, *PROGRAM], **pipes))
        try:
            yield Java(process, stack)
        finally:
            # It ends with its input.
            assert process.stdin is not None
            process.stdin.close()
            process.wait(END_TIMEOUT_S)


@dataclass
class KotlinDevice(Device):
    """A device whose copy is the Kotlin SDK's."""

    java: Java | None = None
    can_be_killed = False

    def open(self) -> "KotlinBook":  # type: ignore[override]  # what is asked of a book, and no more
        assert self.java is not None
        return KotlinBook(self, self.java)

    @classmethod
    def like(cls, device: Device, java: Java) -> "KotlinDevice":
        return cls(**vars(device), java=java)


class Lying(NamedTuple):
    """Something in the tray."""

    request_id: str


class KotlinBook:
    """What the simulation asks of a book."""

    def __init__(self, device: KotlinDevice, java: Java) -> None:
        self._device = device
        self._java = java
        self._relay = java.relay_of(device.path)
        self.space_id = device.space_id
        self.may_go_back = device.may_go_back
        self._ask(
            "open",
            space_id=device.space_id,
            user_id=device.user.user_id,
            address=self._relay.address,
            token=device.user.token,
        )
        self._file = KotlinFile(device.path, device.space_id)

    def close(self) -> None:
        self._file.close()
        self._ask("close")

    # What there is.

    @property
    def place(self) -> Standing:
        return self._file.place()

    @property
    def waiting(self) -> int:
        return self._file.states().count("waiting")

    def list(self, kind: Any) -> Sequence[Any]:
        found = self._ask("list", kind=kind_of(kind))
        return [kind.FromString(base64.b64decode(each)) for each in found]

    def balances(self) -> dict[str, Money]:
        return {account_id: money_of("EUR", minor) for account_id, minor in self._ask("balances").items()}

    def conflicts(self) -> Sequence[Conflict]:
        return [each for each in self.list(Conflict) if each.state == ConflictState.CONFLICT_STATE_OPEN]

    def tray(self) -> Sequence[Lying]:
        return [Lying(request_id) for request_id, _ in self._file.tray()]

    def __getattr__(self, name: str) -> Any:
        """What lies in the file, whoever wrote it."""
        return getattr(self._file, name)

    # What shall happen.

    def do(self, command: Any) -> str:
        encoded = base64.b64encode(wrap(command).SerializeToString()).decode()
        return str(self._ask("submit", mutation=encoded))

    def resolve(self, conflict: Conflict, choice: ConflictChoice.ValueType) -> str:
        command = ResolveConflictRequest(conflict_id=conflict.id, choice=choice)
        version = self._file.version_of(conflict.target_kind, conflict.target_id)
        if version is not None:
            command.target_version = version
        return self.do(command)

    def retry(self, request_id: str) -> dict[str, str]:
        before, last = self._file.tray(), self._file.last_position()
        self._ask("retry", request_id=request_id)
        left = {each for each, _ in self._file.tray()}
        former = [each for each, _ in before if each not in left]
        return dict(zip(former, self._file.outbox_after(last), strict=True))

    def discard(self, request_id: str) -> None:
        self._ask("discard", request_id=request_id)

    def dismiss_replaced(self, number: int) -> None:
        self._ask("forget_replaced", position=number)

    def put_back_drafts(self) -> int:
        return int(self._ask("put_back"))

    # With the server.

    def push(self, wire: Wire) -> None:
        self._exchange("push", wire)

    def pull(self, wire: Wire) -> None:
        self._exchange("pull", wire)

    def sync(self, wire: Wire) -> None:
        self._exchange("sync", wire)

    def verify(self, wire: Wire) -> Verdict:
        self._relay.wire = wire
        return VERDICTS[self._ask("verify")]

    def _exchange(self, how: str, wire: Wire) -> None:
        self._relay.wire = wire
        before = self.place
        self._ask(how)
        after = self.place
        if after.is_forgotten:
            raise SpaceForgotten(self.space_id)
        if after.version < before.version and not self.may_go_back:
            raise WentBack(f"from {before} to {after}")

    def _ask(self, what: str, **more: str | int) -> Any:
        return self._java.ask(self._device.path, what, **more)


@dataclass
class MixedWorld(World):
    """Every second device is of Kotlin, so that most users have both."""

    java: Java | None = None
    # Most of what there is to find, in a short run.
    rounds_between_rests: tuple[int, int] = (4, 6)

    def begin(self) -> None:
        super().begin()
        assert self.java is not None
        self.devices = [
            KotlinDevice.like(each, self.java) if index % 2 else each for index, each in enumerate(self.devices)
        ]
