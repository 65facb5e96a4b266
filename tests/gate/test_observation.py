"""Does a log line say enough and never too much, and do metrics bear the names that dashboards expect?"""

import json

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from tallystick import contract
from tallystick.gate.observation import Observation, event_of, loggable, title_case
from tallystick.v1.auth_service_pb2 import LoginRequest
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick.v1.money_pb2 import Money

CREATE = "/tallystick.v1.LedgerService/CreateTransaction"
LOGIN = "/tallystick.v1.AuthService/Login"
REQUEST = CreateTransactionRequest(
    book_id="b1",
    amount=Money(currency="EUR", minor=123456),
    payee="Dr. Secret",
    note="private matter",
    booked_on="2026-01-02",
)


def test_loggable_keeps_structure_and_drops_what_is_sensitive() -> None:
    assert loggable(CREATE, REQUEST) == {"book_id": "b1", "amount": {"currency": "EUR"}, "booked_on": "2026-01-02"}


def test_loggable_shows_nothing_of_a_secret_call() -> None:
    assert loggable(LOGIN, LoginRequest(email="ann@example.com", password="correct horse")) is None


@pytest.mark.parametrize("logs_messages", [True, False])
def test_a_log_line_never_holds_what_is_sensitive(capsys: pytest.CaptureFixture[str], logs_messages: bool) -> None:
    observation = Observation(CollectorRegistry(), logs_messages=logs_messages)
    seen = observation.begin(CREATE, {}, "192.0.2.1")
    observation.end(seen, "OK", "", None, REQUEST)
    printed = capsys.readouterr().out
    assert not any(private in printed for private in ("123456", "Secret", "private"))
    line = json.loads(printed)
    assert (line["event"], line["code"], line["peer"]) == ("create_transaction", "OK", "192.0.2.1")
    assert ("request" in line) == logs_messages


def test_a_call_id_of_the_client_is_kept_unless_it_could_forge_the_log() -> None:
    observation = Observation(CollectorRegistry(), logs_messages=False)
    assert observation.begin(CREATE, {"x-request-id": "abc-1"}, "").call_id == "abc-1"
    for forged in ("", "x" * 65, 'a"}\n{"level":"error'):
        assert observation.begin(CREATE, {"x-request-id": forged}, "").call_id != forged


def test_every_series_exists_from_the_start_at_zero() -> None:
    registry = CollectorRegistry()
    Observation(registry, logs_messages=False)
    exposed = generate_latest(registry).decode()
    for rpc in contract.rpcs().values():
        kind = "server_stream" if rpc.is_streaming else "client_stream" if rpc.is_gathering else "unary"
        labels = f'grpc_method="{rpc.name}",grpc_service="{rpc.service}",grpc_type="{kind}"'
        for name in ("started", "msg_received", "msg_sent"):
            assert f"grpc_server_{name}_total{{{labels}}} 0.0" in exposed
        assert f'grpc_server_handled_total{{grpc_code="PermissionDenied",{labels}}} 0.0' in exposed
        assert f"grpc_server_handling_seconds_count{{{labels}}} 0.0" in exposed


@pytest.mark.parametrize(
    ("code", "title"), [("OK", "OK"), ("PERMISSION_DENIED", "PermissionDenied"), ("UNAVAILABLE", "Unavailable")]
)
def test_title_case_spells_codes_as_go_grpc_does(code: str, title: str) -> None:
    assert title_case(code) == title


def test_event_of_is_the_name_of_the_command() -> None:
    assert event_of(CREATE) == "create_transaction"
