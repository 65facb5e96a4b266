"""How is the Drive of tests spoken to? Over HTTP, as the real one is, with every way to be interrupted."""

import json
import socket
import struct
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from backups.drive.faults import Effect, Fault, Faults, Kind
from backups.drive.queries import read_query, select
from backups.drive.refusing import BadGrant, Refused
from backups.drive.uploads import HowFar, Uploads, corrupt
from backups.drive.world import File, World

FILES, UPLOADS = "/drive/v3/files", "/upload/drive/v3/files"
DEFAULT_FIELDS = "kind,id,name,mimeType"
HELD_S = 600


class HungUp(Exception):
    """The connection is gone."""


class Answered(Exception):
    """There is nothing more to say."""


class DriveServer(ThreadingHTTPServer):
    """The Drive, its state, and what is planned to go wrong."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.world = World()
        self.uploads = Uploads(self.world)
        self.faults = Faults()
        self.lost_status = int(HTTPStatus.NOT_FOUND)
        self.calls: list[Kind] = []

    @property
    def root_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what many tests are about; anything else fails the test by its answer."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: DriveServer

    def log_message(self, *args: Any) -> None:
        """The console is for the tests."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - named by the standard library

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        kind = self._kind_of(parts.path, asked)
        fault = self._take_fault(kind)
        body = self._read_body(fault, asked)
        try:
            self._spoil(fault)
            self._route(kind, parts.path, asked, body, fault)
        except Refused as refused:
            self._send(refused.status, json.dumps(refused.body).encode(), refused.headers)
        except BadGrant as refused:
            self._send(refused.status, json.dumps(refused.body).encode())
        except HungUp:
            self._hang_up()
        except Answered:
            return

    def _kind_of(self, path: str, asked: Mapping[str, str]) -> Kind:  # noqa: PLR0911 - a table of paths
        if path in ("/token", "/revoke"):
            return Kind.TOKEN
        if path == UPLOADS:
            if self.command == "POST":
                return Kind.BEGIN
            return Kind.QUERY if self.headers.get("Content-Range", "").startswith("bytes */") else Kind.CHUNK
        if path == "/drive/v3/about":
            return Kind.ABOUT
        if path == f"{FILES}/generateIds":
            return Kind.IDS
        if path == FILES:
            return Kind.CREATE if self.command == "POST" else Kind.LIST
        if self.command == "DELETE":
            return Kind.DELETE
        return Kind.MEDIA if asked.get("alt") == "media" else Kind.GET

    def _take_fault(self, kind: Kind) -> Fault | None:
        self.server.calls.append(kind)
        return self.server.faults.take(kind)

    def _read_body(self, fault: Fault | None, asked: Mapping[str, str]) -> bytes:
        length = int(self.headers.get("Content-Length", 0))
        if fault is None or fault.effect is not Effect.RESET:
            return self.rfile.read(length)
        half = self.rfile.read(length // 2)
        session = self.server.uploads.sessions.get(asked.get("upload_id", ""))
        if session is not None and not session.file_id and half:
            self.server.uploads.take(session, self.headers.get("Content-Range"), half, is_cut=True)
        self._hang_up()
        return b""

    def _spoil(self, fault: Fault | None) -> None:
        """What goes wrong before anything is done."""
        match fault:
            case Fault(effect=Effect.RESET):
                raise HungUp
            case Fault(effect=Effect.STATUS):
                raise Refused(fault.status, fault.reason, fault.headers)
            case Fault(effect=Effect.HOLD):
                fault.let_go.wait(HELD_S)
            case Fault(effect=Effect.LOSE_SESSION):
                self.server.lost_status = fault.status
                self.server.uploads.sessions.clear()
            case Fault(effect=Effect.CORRUPT, kind=Kind.CHUNK | Kind.BEGIN):
                self.server.uploads.corrupts_next = True
            case Fault(effect=Effect.IGNORE):
                self._send(HTTPStatus.PERMANENT_REDIRECT, b"")
                raise Answered
            case Fault(effect=Effect.PAGE):
                self._send(HTTPStatus.OK, b"<html>Welcome to the hotel</html>", {"Content-Type": "text/html"})
                raise Answered

    def _route(self, kind: Kind, path: str, asked: Mapping[str, str], body: bytes, fault: Fault | None) -> None:
        status, told, headers = self._do(kind, path, asked, body)
        if fault is not None and fault.effect is Effect.DROP:
            raise HungUp
        content = told if isinstance(told, bytes) else json.dumps(told).encode() if told is not None else b""
        if fault is not None and fault.effect is Effect.CORRUPT and kind is Kind.MEDIA:
            content = corrupt(content)
        self._send(status, content, headers, is_cut=fault is not None and fault.effect is Effect.TRUNCATE)

    def _do(  # noqa: C901, PLR0911 - a table of calls
        self, kind: Kind, path: str, asked: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, Any] | bytes | None, dict[str, str]]:
        world, none = self.server.world, dict[str, str]()
        if kind is Kind.TOKEN:
            fields = dict(parse_qsl(body.decode()))
            accounts = world.accounts
            return 200, accounts.answer_revoke(fields) if path == "/revoke" else accounts.answer_token(fields), none
        access = world.accounts.require(self.headers.get("Authorization"))
        if kind in (Kind.BEGIN, Kind.CHUNK, Kind.QUERY):
            return self._upload(kind, asked, body)
        if kind is Kind.ABOUT:
            return 200, select(self._about(access.email), asked["fields"]), none
        if kind is Kind.IDS:
            return 200, {"ids": world.mint_ids(int(asked["count"])), "space": "drive"}, none
        if kind is Kind.LIST:
            return 200, self._list(asked), none
        if kind is Kind.CREATE:
            file = world.make(access, json.loads(body), asked)
            return 200, self._describe(file, asked), none
        file = world.require(access, path.rpartition("/")[2], asked)
        if kind is Kind.DELETE:
            world.delete(access, file)
            return HTTPStatus.NO_CONTENT, None, none
        if kind is Kind.MEDIA:
            if file.is_suspected and asked.get("acknowledgeAbuse") != "true":
                raise Refused(HTTPStatus.FORBIDDEN, "cannotDownloadAbusiveFile")
            return self._media(file)
        if self.command == "PATCH":
            file.in_trash = json.loads(body)["trashed"]
            world.spread_trash()
        return 200, self._describe(file, asked), none

    def _describe(self, file: File, asked: Mapping[str, str]) -> dict[str, Any]:
        return select(self.server.world.describe(file), asked.get("fields", DEFAULT_FIELDS))

    def _list(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """A page may be shorter than asked for."""
        world = self.server.world
        access = world.accounts.require(self.headers.get("Authorization"))
        found = list(world.list(access, read_query(asked["q"]), asked))
        begins = int(asked.get("pageToken", "0"))
        ends = begins + min(int(asked.get("pageSize", "100")), world.page_max)
        told: dict[str, Any] = {"files": [world.describe(file) for file in found[begins:ends]]}
        if ends < len(found):
            told["nextPageToken"] = str(ends)
        return select(told, asked.get("fields", f"nextPageToken,files({DEFAULT_FIELDS})"))

    def _about(self, email: str) -> dict[str, Any]:
        world = self.server.world
        quota = {
            "usage": str(world.used_bytes(email)),
            "usageInDriveTrash": str(world.used_bytes(email, only_trash=True)),
        }
        account = world.accounts.people.get(email)
        if account is not None and account.limit_bytes is not None:
            quota["limit"] = str(account.limit_bytes)
        return {"user": {"emailAddress": email, "displayName": email}, "storageQuota": quota}

    def _media(self, file: File) -> tuple[int, bytes, dict[str, str]]:
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        size, begins = len(file.content), int(first)
        if begins >= size:
            return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", {"Content-Range": f"bytes */{size}"}
        ends = min(int(last or size), size - 1)
        return 206, file.content[begins : ends + 1], {"Content-Range": f"bytes {begins}-{ends}/{size}"}

    def _upload(
        self, kind: Kind, asked: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, Any] | None, dict[str, str]]:
        uploads, world = self.server.uploads, self.server.world
        if kind is Kind.BEGIN:
            access = world.accounts.require(self.headers.get("Authorization"))
            size_bytes = int(self.headers["X-Upload-Content-Length"])
            upload_id = uploads.begin(access, json.loads(body), asked, size_bytes)
            location = f"{self.server.root_url}upload/drive/v3/files?uploadType=resumable&upload_id={upload_id}"
            return 200, None, {"Location": location}
        session = uploads.require(asked["upload_id"], self.server.lost_status)
        taken = uploads.take(session, self.headers.get("Content-Range"), body)
        if isinstance(taken, HowFar):
            kept = {"Range": f"bytes=0-{taken.received_bytes - 1}"} if taken.received_bytes else {}
            return HTTPStatus.PERMANENT_REDIRECT, None, kept
        return 200, self._describe(taken, session.asked), {}

    def _send(
        self, status: int, content: bytes, headers: Mapping[str, str] | None = None, *, is_cut: bool = False
    ) -> None:
        lines = {"Content-Type": "application/json", **(headers or {}), "Content-Length": str(len(content))}
        head = f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines.items()
        )
        self.wfile.write(head.encode() + b"\r\n" + (content[: len(content) // 2] if is_cut else content))
        if is_cut:
            raise HungUp

    def _hang_up(self) -> None:
        """At once, so that the other side hears of it as of a cable that was cut."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
