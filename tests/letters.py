"""Which mails did somebody get? The server of the run lays them into a folder, one file each, in the order of sending."""

import email
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import TypeAlias

_TOKEN_LINE = re.compile(r"^tsm_\S+$", re.MULTILINE)


@dataclass(frozen=True)
class Received:
    """A mail that somebody got."""

    subject: str
    text: str

    @property
    def token(self) -> str:
        found = _TOKEN_LINE.search(self.text)
        assert found, f"the mail {self.subject!r} holds no token"
        return found.group()

    @property
    def has_token(self) -> bool:
        return _TOKEN_LINE.search(self.text) is not None


# The mails to an address, the oldest first, once every errand of the server is done.
Mails: TypeAlias = Callable[[str], Awaitable[list[Received]]]


class Letters:
    """A folder of mails. Each is read once: a run sends thousands, and many tests look for theirs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = set[str]()
        self._received = defaultdict[str, list[Received]](list)

    def to(self, address: str) -> list[Received]:
        new = {path.name for path in self._folder.glob("*.eml")} - self._known
        for name in sorted(new):
            message = email.message_from_bytes((self._folder / name).read_bytes(), policy=policy.default)
            mail = Received(str(message["Subject"]), str(message.get_content()))
            self._received[str(message["To"])].append(mail)
        self._known |= new
        return list(self._received[address])
