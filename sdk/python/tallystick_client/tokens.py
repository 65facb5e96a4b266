"""Where does an app keep who is signed in? In a store of its choice: what is saved there survives the next crash."""

import json
import os
import threading
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from tallystick_client.locking import locked_file

_LOCK_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """Who is signed in. Secret but for the ids."""

    # Sent with every call.
    access_token: str = field(default="", repr=False)
    # When it stops working, in seconds since 1970.
    access_expires_at: int = 0
    # Exchanged for the next pair; each works once.
    refresh_token: str = field(default="", repr=False)
    # The exchange that is under way: a repeat with the same id gets the same answer, another one looks like theft.
    refresh_request_id: str = ""
    session_id: str = ""
    user_id: str = ""
    # Shows a later sign-in that this device is known. It outlives the session.
    device_token: str = field(default="", repr=False)


class TokenStore(Protocol):
    """What an app may implement itself, for example over the system's keychain."""

    def load(self) -> Tokens:
        """What was saved last; `Tokens()` at first."""

    def save(self, tokens: Tokens) -> None:
        """Returns when they would survive a crash: they are used only after that."""

    def turn(self) -> AbstractContextManager[object]:
        """Inside the block nobody else who shares the store refreshes."""


class MemoryTokens:
    """Keeps tokens as long as the process lives. Also for access keys: `MemoryTokens(Tokens(access_token=secret))`."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens or Tokens()
        self._lock = threading.Lock()

    def load(self) -> Tokens:
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def turn(self) -> AbstractContextManager[object]:
        return self._lock


class FileTokens:
    """Keeps tokens in a file that only its owner reads. Processes may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Tokens:
        try:
            saved = json.loads(self._path.read_text())
        except FileNotFoundError:
            return Tokens()
        # Written by another version of this package, it may have more or less.
        return Tokens(**{name: saved[name] for name in Tokens.__dataclass_fields__ if name in saved})

    def save(self, tokens: Tokens) -> None:
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(tokens), file)
            file.flush()
            os.fsync(descriptor)
        beside.replace(self._path)

    def turn(self) -> AbstractContextManager[object]:
        return locked_file(self._path.with_name(f"{self._path.name}.lock"), _LOCK_TIMEOUT_S)
