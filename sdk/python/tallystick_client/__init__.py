"""What does a Python app need of Tallystick? A client, and the messages in `tallystick_client.v1`.

Re-exported here, under the names that an app begins with. `tallystick_client.offline` keeps copies of books on the device.
A stub of its own takes a `grpc.Channel` or a `grpc.aio.Channel`, and is synchronous or asynchronous accordingly.
"""

from tallystick_client.client import Client
from tallystick_client.errors import (
    Aborted,
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    FieldViolation,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    TallystickError,
    Unauthenticated,
    Unavailable,
)
from tallystick_client.exports import ExportIncomplete, IncomingFile, export, save_export
from tallystick_client.files import DownloadDamaged, download_file, download_thumbnail, upload_file
from tallystick_client.ids import new_id
from tallystick_client.money import add_money, allocate, exponent_of, parse_money, to_decimal
from tallystick_client.paging import each, pages
from tallystick_client.retrying import Retries
from tallystick_client.tokens import FileTokens, MemoryTokens, Tokens, TokenStore
from tallystick_client.v1.auth_service_pb2_grpc import AuthServiceStub
from tallystick_client.v1.backup_service_pb2_grpc import BackupServiceStub
from tallystick_client.v1.budget_service_pb2_grpc import BudgetServiceStub
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.export_service_pb2_grpc import ExportServiceStub
from tallystick_client.v1.file_service_pb2_grpc import FileServiceStub
from tallystick_client.v1.group_service_pb2_grpc import GroupServiceStub
from tallystick_client.v1.import_service_pb2_grpc import ImportServiceStub
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.notification_service_pb2_grpc import NotificationServiceStub
from tallystick_client.v1.report_service_pb2_grpc import ReportServiceStub
from tallystick_client.v1.settings_service_pb2_grpc import SettingsServiceStub
from tallystick_client.v1.space_service_pb2_grpc import SpaceServiceStub
from tallystick_client.v1.status_service_pb2_grpc import StatusServiceStub
from tallystick_client.v1.sync_service_pb2_grpc import SyncServiceStub
from tallystick_client.v1.webhook_service_pb2_grpc import WebhookServiceStub
from tallystick_client.webhooks import SignatureInvalid, verify_webhook

__version__ = "0.1.0"

__all__ = [
    "Aborted",
    "AlreadyExists",
    "AuthServiceStub",
    "BackupServiceStub",
    "BudgetServiceStub",
    "Client",
    "DeadlineExceeded",
    "DownloadDamaged",
    "ErrorReason",
    "ExportIncomplete",
    "ExportServiceStub",
    "FailedPrecondition",
    "FieldViolation",
    "FileServiceStub",
    "FileTokens",
    "GroupServiceStub",
    "ImportServiceStub",
    "IncomingFile",
    "Internal",
    "InvalidArgument",
    "LedgerServiceStub",
    "MemoryTokens",
    "Money",
    "NotFound",
    "NotificationServiceStub",
    "PermissionDenied",
    "ReportServiceStub",
    "ResourceExhausted",
    "Retries",
    "SettingsServiceStub",
    "SignatureInvalid",
    "SpaceServiceStub",
    "StatusServiceStub",
    "SyncServiceStub",
    "TallystickError",
    "TokenStore",
    "Tokens",
    "Unauthenticated",
    "Unavailable",
    "WebhookServiceStub",
    "__version__",
    "add_money",
    "allocate",
    "download_file",
    "download_thumbnail",
    "each",
    "exponent_of",
    "export",
    "new_id",
    "pages",
    "parse_money",
    "save_export",
    "to_decimal",
    "upload_file",
    "verify_webhook",
]
