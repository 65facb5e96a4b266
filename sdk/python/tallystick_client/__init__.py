"""What does a Python app need of Tallystick? The stubs of its services on a grpc channel, and the messages in `tallystick_client.v1`.

Re-exported here, under the names that an app begins with: the stubs, `Money`, and `ErrorReason`, the words to branch on.
A stub takes a `grpc.Channel` or a `grpc.aio.Channel`, and is synchronous or asynchronous accordingly.
"""

from tallystick_client.v1.auth_service_pb2_grpc import AuthServiceStub
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.space_service_pb2_grpc import SpaceServiceStub
from tallystick_client.v1.status_service_pb2_grpc import StatusServiceStub

__version__ = "0.1.0"

__all__ = [
    "AuthServiceStub",
    "ErrorReason",
    "LedgerServiceStub",
    "Money",
    "SpaceServiceStub",
    "StatusServiceStub",
    "__version__",
]
