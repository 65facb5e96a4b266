"""How does a script without any library call us? With curl and JSON."""

import json
from dataclasses import dataclass
from typing import Any

from clients.tools import run
from up.stack import Stack

CONTINUE = 100


@dataclass(frozen=True)
class Reply:
    """An answer as curl shows it."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def details(self) -> dict[str, dict[str, Any]]:
        """The details of an error by the name of their type."""
        return {detail["@type"].rpartition(".")[2]: detail for detail in self.json["details"]}

    @property
    def reason(self) -> str:
        info = self.details["ErrorInfo"]
        assert info["domain"] == "tallystick"
        return str(info["reason"])


class Rest:
    """The REST face of an installation, called by whoever holds the token."""

    def __init__(self, stack: Stack, token: str = "") -> None:
        self._stack = stack
        self._token = token

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, **fields: Any) -> Reply:
        return self.call("POST", path, json.dumps(fields))

    def patch(self, path: str, **fields: Any) -> Reply:
        return self.call("PATCH", path, json.dumps(fields))

    def call(self, verb: str, path: str, body: str | None = None, **headers: str) -> Reply:
        all_headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        all_headers |= {} if body is None else {"content-type": "application/json"}
        all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        words = [word for name, value in all_headers.items() for word in ("--header", f"{name}: {value}")]
        data = () if body is None else ("--data-binary", "@-")
        done = run(
            *(
                "curl",
                "--silent",
                "--show-error",
                "--include",
                "--http1.1",
                "--globoff",
                "--request",
                verb,
                *words,
                *data,
            ),
            f"{self._stack.url}{path}",
            stdin=body,
        )
        assert done.returncode == 0, done.stderr
        return _read(done.stdout)


def _read(said: str) -> Reply:
    """The last block of headers, and what follows it: before a large body there is a `100 Continue`."""
    head, _, rest = said.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    status = int(first.split()[1])
    if status == CONTINUE:
        return _read(rest)
    pairs = (line.partition(":") for line in lines)
    return Reply(status, {name.lower(): value.strip() for name, _, value in pairs}, rest)
