"""What happened in a call? One log line, and metrics under the names that go-grpc dashboards expect."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID, uuid4

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from prometheus_client import CollectorRegistry, Counter, Histogram

from tallystick import contract
from tallystick.gate.failures import CODE_NAMES
from tallystick.log import log
from tallystick.v1.options_pb2 import Sensitivity

CALL_ID_CHARS_MAX = 64
_LABELS = ("grpc_type", "grpc_service", "grpc_method")


@dataclass(slots=True)
class Observed:
    """What is known of one call while it runs."""

    path: str
    call_id: str
    address: str
    started_s: float = field(default_factory=time.perf_counter)
    user_id: UUID | None = None
    sent: int = 0
    failed: bool = False


class Series:
    """The counters of one call of the contract, looked up once."""

    def __init__(self, metrics: "Metrics", labels: tuple[str, str, str]) -> None:
        self.started = metrics.started.labels(*labels)
        self.received = metrics.received.labels(*labels)
        self.sent = metrics.sent.labels(*labels)
        self.seconds = metrics.seconds.labels(*labels)
        self.handled = {code: metrics.handled.labels(*labels, title_case(code)) for code in CODE_NAMES}


class Metrics:
    """Counters of the whole process. Every series exists from the start at zero, so that a rate over the first error is not lost."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.started = Counter("grpc_server_started_total", "Calls started.", _LABELS, registry=registry)
        self.handled = Counter("grpc_server_handled_total", "Calls ended.", (*_LABELS, "grpc_code"), registry=registry)
        self.received = Counter("grpc_server_msg_received_total", "Messages received.", _LABELS, registry=registry)
        self.sent = Counter("grpc_server_msg_sent_total", "Messages sent.", _LABELS, registry=registry)
        self.seconds = Histogram("grpc_server_handling_seconds", "How long calls took.", _LABELS, registry=registry)
        self.of = {path: Series(self, _labels_of(rpc)) for path, rpc in contract.rpcs().items()}


class Observation:
    """Sees each call begin and end."""

    def __init__(self, registry: CollectorRegistry, *, logs_messages: bool) -> None:
        self._metrics = Metrics(registry)
        self._logs_messages = logs_messages

    def begin(self, path: str, metadata: Mapping[str, str], address: str) -> Observed:
        call_id = metadata.get("x-request-id", "")
        if not (0 < len(call_id) <= CALL_ID_CHARS_MAX and call_id.isprintable()):
            call_id = str(uuid4())
        series = self._metrics.of[path]
        series.started.inc()
        series.received.inc()
        return Observed(path, call_id, address)

    def end(self, seen: Observed, code: str, reason: str, fault: Exception | None, request: Message | None) -> None:
        took_s = time.perf_counter() - seen.started_s
        series = self._metrics.of[seen.path]
        series.handled[code].inc()
        series.sent.inc(seen.sent)
        series.seconds.observe(took_s)
        fields: dict[str, object] = {
            "code": code,
            "took_ms": round(took_s * 1000, 2),
            "call_id": seen.call_id,
            "peer": seen.address,
        }
        if reason:
            fields["reason"] = reason
        if seen.user_id is not None:
            fields["user_id"] = str(seen.user_id)
        if self._logs_messages and request is not None and (shown := loggable(seen.path, request)) is not None:
            fields["request"] = shown
        log(event_of(seen.path), level="error" if fault else "info", error=fault, **fields)


def loggable(path: str, message: Message) -> dict[str, object] | None:
    """A message without its sensitive fields. None: nothing of it may be logged."""
    rpc = contract.rpcs().get(path)
    if rpc is None or rpc.access.sensitivity != Sensitivity.SENSITIVITY_ORDINARY:
        return None
    shown = type(message)()
    shown.CopyFrom(message)
    strip(shown)
    return MessageToDict(shown, preserving_proto_field_name=True)


def strip(message: Message) -> None:
    """Clears every sensitive field, however deep."""
    for descriptor, value in message.ListFields():
        if contract.is_sensitive(descriptor.GetOptions()):
            message.ClearField(descriptor.name)
        elif descriptor.type == FieldDescriptor.TYPE_MESSAGE:
            for part in value if descriptor.is_repeated else (value,):
                strip(part)


@cache
def event_of(path: str) -> str:
    """The log's name of a call: `CreateBook` is `create_book`."""
    name = path.rpartition("/")[2]
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


@cache
def title_case(code: str) -> str:
    """go-grpc's spelling: PERMISSION_DENIED is "PermissionDenied", and OK stays "OK"."""
    return code if code == "OK" else "".join(word.capitalize() for word in code.split("_"))


def _labels_of(rpc: contract.Rpc) -> tuple[str, str, str]:
    kind = "server_stream" if rpc.is_streaming else "client_stream" if rpc.is_gathering else "unary"
    return kind, rpc.service, rpc.name
