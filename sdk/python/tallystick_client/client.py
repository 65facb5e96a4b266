"""How does an app reach a server? Through one object with a typed stub for each service."""

import re
from types import TracebackType
from typing import Self

import grpc

from tallystick_client.calls import Calls
from tallystick_client.retrying import Retries
from tallystick_client.session import Session
from tallystick_client.tokens import MemoryTokens, Tokens, TokenStore
from tallystick_client.v1.auth_service_pb2 import LoginResponse
from tallystick_client.v1.auth_service_pb2_grpc import AuthServiceStub
from tallystick_client.v1.backup_service_pb2_grpc import BackupServiceStub
from tallystick_client.v1.budget_service_pb2_grpc import BudgetServiceStub
from tallystick_client.v1.export_service_pb2_grpc import ExportServiceStub
from tallystick_client.v1.file_service_pb2_grpc import FileServiceStub
from tallystick_client.v1.group_service_pb2_grpc import GroupServiceStub
from tallystick_client.v1.import_service_pb2_grpc import ImportServiceStub
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub
from tallystick_client.v1.notification_service_pb2_grpc import NotificationServiceStub
from tallystick_client.v1.report_service_pb2_grpc import ReportServiceStub
from tallystick_client.v1.settings_service_pb2_grpc import SettingsServiceStub
from tallystick_client.v1.space_service_pb2_grpc import SpaceServiceStub
from tallystick_client.v1.status_service_pb2_grpc import StatusServiceStub
from tallystick_client.v1.sync_service_pb2_grpc import SyncServiceStub
from tallystick_client.v1.webhook_service_pb2_grpc import WebhookServiceStub

_DEFAULT_TIMEOUT_S = 30.0
# A page of changes is about as large as was asked for, but a commit is never cut.
_OPTIONS = (("grpc.max_receive_message_length", 64 * 1024 * 1024),)
_THIS_MACHINE = re.compile(r"(?:dns:/*|ipv[46]:)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?|unix(?:-abstract)?:.*")


class Client:
    """A stub for each service. Every failed call raises a `TallystickError`. Threads may share it.

    Calls end after `timeout_s`, unless they say `timeout=` themselves; their repeats are within that time.
    """

    def __init__(
        self,
        target: str,
        tokens: TokenStore | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        *,
        plaintext: bool = False,
        timeout_s: float = _DEFAULT_TIMEOUT_S,
        retries: Retries | None = None,
    ) -> None:
        """No credentials: without encryption to this machine, or if `plaintext` says so; else with TLS and the usual roots."""
        retries = retries or Retries()
        if credentials is None and not plaintext and not _THIS_MACHINE.fullmatch(target):
            credentials = grpc.ssl_channel_credentials()
        if credentials is None:
            self._plain = grpc.insecure_channel(target, options=_OPTIONS)
        else:
            self._plain = grpc.secure_channel(target, credentials, options=_OPTIONS)
        self.session = Session(tokens or MemoryTokens(), AuthServiceStub(self._plain), retries, timeout_s)
        self.retries = retries
        # For stubs of an app's own: calls on it are signed, repeated, and fail with reasons.
        self.channel = grpc.intercept_channel(self._plain, Calls(self.session, retries, timeout_s))
        # Signing up, signing in, and what belongs to the user alone.
        self.auth = AuthServiceStub(self.channel)
        # Who shares a space, and how others come to share it.
        self.spaces = SpaceServiceStub(self.channel)
        # Books and the money in them.
        self.ledger = LedgerServiceStub(self.channel)
        # What people mean to spend.
        self.budgets = BudgetServiceStub(self.channel)
        # Groups that share expenses.
        self.groups = GroupServiceStub(self.channel)
        # Receipts, statements and documents. `upload_file` and `download_file` are made of it.
        self.files = FileServiceStub(self.channel)
        # What the user wants to see, and how.
        self.settings = SettingsServiceStub(self.channel)
        self.notifications = NotificationServiceStub(self.channel)
        # Copies of spaces on devices. `tallystick_client.offline` uses it.
        self.sync = SyncServiceStub(self.channel)
        # What the money in a book comes to.
        self.reports = ReportServiceStub(self.channel)
        # What is kept, as files. `export` and `save_export` read them.
        self.exports = ExportServiceStub(self.channel)
        # Addresses that are told what happens in a space.
        self.webhooks = WebhookServiceStub(self.channel)
        # Files of banks and other programs, on their way into a book.
        self.imports = ImportServiceStub(self.channel)
        self.backups = BackupServiceStub(self.channel)
        # How the server is.
        self.status = StatusServiceStub(self.channel)

    @property
    def tokens(self) -> Tokens:
        """Who is signed in."""
        return self.session.tokens

    def sign_in(self, email: str, password: str, device_name: str = "") -> LoginResponse:
        """Begins a session. Its tokens are in the token store when this returns."""
        return self.session.sign_in(email, password, device_name)

    def sign_out(self) -> None:
        """Ends the session, and forgets its tokens."""
        self.session.sign_out()

    def close(self) -> None:
        self._plain.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
