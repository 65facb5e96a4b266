"""Is every failure of Google's client known by what it means?"""

import json
import socket
import ssl
from datetime import UTC, datetime
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any

import httplib2
import pytest
from google.auth import exceptions
from googleapiclient import errors

from tallystick.backups.targets.drive.failures import NotDrive, classify
from tallystick.backups.targets.drive.patience import PAUSE_MAX_S, compose_pause_s
from tallystick.backups.targets.target import TargetReason

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
GONE, FULL, BUSY = TargetReason.GONE, TargetReason.FULL, TargetReason.RATE_LIMITED
AWAY, NO, AGAIN = TargetReason.UNREACHABLE, TargetReason.REFUSED, TargetReason.REAUTH_REQUIRED


def answer(status: int, reason: str = "", *, domain: str = "usageLimits", **headers: str) -> errors.HttpError:
    told = {"error": {"code": status, "message": "", "errors": [{"domain": domain, "reason": reason}]}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return errors.HttpError(httplib2.Response({"status": status, **named}), json.dumps(told).encode())


def refresh(said: Any, *, retryable: bool = False) -> exceptions.RefreshError:
    return exceptions.RefreshError("it did not work", said, retryable=retryable)  # type: ignore[no-untyped-call]  # no types


@pytest.mark.parametrize(
    ("error", "reason", "may_retry"),
    [
        # Two of one status and one domain: what tells them apart is the reason.
        pytest.param(answer(403, "storageQuotaExceeded"), FULL, False, id="full"),
        pytest.param(answer(403, "rateLimitExceeded"), BUSY, True, id="busy"),
        pytest.param(answer(403, "userRateLimitExceeded"), BUSY, True, id="busy user"),
        pytest.param(answer(403, "teamDriveFileLimitExceeded"), FULL, False, id="too many files"),
        pytest.param(answer(403, "dailyLimitExceeded"), BUSY, False, id="no more today"),
        pytest.param(answer(403, "insufficientFilePermissions"), NO, False, id="no permission"),
        pytest.param(answer(403, "insufficientPermissions"), AGAIN, False, id="too small a scope"),
        pytest.param(answer(403, "appNotAuthorizedToFile"), GONE, False, id="not this app's"),
        pytest.param(answer(403), NO, False, id="403 without a reason"),
        pytest.param(answer(400, "badRequest"), NO, False, id="400"),
        pytest.param(answer(401, "authError"), AGAIN, False, id="401"),
        pytest.param(answer(404, "notFound"), GONE, False, id="404"),
        pytest.param(answer(410), GONE, False, id="410"),
        pytest.param(answer(408), AWAY, True, id="408"),
        pytest.param(answer(429), BUSY, True, id="429"),
        pytest.param(answer(500, "internalError"), AWAY, True, id="500"),
        pytest.param(answer(503), AWAY, True, id="503"),
        pytest.param(errors.HttpError(httplib2.Response({"status": 502}), b"<html>"), AWAY, True, id="page of a proxy"),
        pytest.param(errors.HttpError(httplib2.Response({"status": 403}), b"\xff"), NO, False, id="noise"),
        pytest.param(errors.HttpError(httplib2.Response({"status": 403}), b"[]"), NO, False, id="another shape"),
        pytest.param(errors.ResumableUploadError(httplib2.Response({"status": 200}), b""), AWAY, True, id="no session"),
        pytest.param(refresh({"error": "invalid_grant"}), AGAIN, False, id="invalid_grant"),
        pytest.param(refresh({"error": "invalid_client"}), NO, False, id="invalid_client"),
        pytest.param(refresh({"error": "server_error"}, retryable=True), AWAY, True, id="token server away"),
        pytest.param(refresh("a page"), AGAIN, False, id="refresh that says nothing"),
        pytest.param(exceptions.TransportError("cut"), AWAY, True, id="transport"),  # type: ignore[no-untyped-call]  # no types
        pytest.param(httplib2.ServerNotFoundError("no name"), AWAY, True, id="no name"),
        pytest.param(IncompleteRead(b""), AWAY, True, id="cut off"),
        pytest.param(RemoteDisconnected(""), AWAY, True, id="hung up"),
        pytest.param(ConnectionResetError(), AWAY, True, id="reset"),
        pytest.param(TimeoutError(), AWAY, True, id="timeout"),
        pytest.param(socket.gaierror(), AWAY, True, id="names"),
        pytest.param(ssl.SSLCertVerificationError(), AWAY, True, id="certificate"),
        pytest.param(json.JSONDecodeError("", "", 0), AWAY, True, id="no JSON"),
        pytest.param(NotDrive("a page"), AWAY, True, id="not the Drive"),
    ],
)
def test_it_means(error: Exception, reason: TargetReason, may_retry: bool) -> None:
    failure = classify(error, NOW)
    assert failure is not None
    assert (failure.reason, failure.may_retry) == (reason, may_retry)
    assert failure.to_error().message


def test_newer_answers_have_their_reason_elsewhere() -> None:
    told = {"error": {"code": 403, "details": [{"@type": "x"}, {"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}
    failure = classify(errors.HttpError(httplib2.Response({"status": 403}), json.dumps(told).encode()), NOW)
    assert failure is not None
    assert failure.reason is AGAIN


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), TypeError("x"), AssertionError()], ids=repr)
def test_mistakes_of_the_program_are_no_failures_of_the_drive(error: Exception) -> None:
    assert classify(error) is None


@pytest.mark.parametrize(
    ("text", "after_s"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("Sun, 01 Mar 2026 08:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("Sun, 01 Mar 2026 07:00:00", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, after_s: float | None) -> None:
    failure = classify(answer(429, retry_after=text), NOW)
    assert failure is not None
    assert failure.retry_after_s == after_s


def test_pauses_are_bounded_however_often_it_failed() -> None:
    assert [compose_pause_s(failed, 0.25) for failed in (1, 2, 7, 8, 1000)] == [1.25, 2.25, 64.0, 64.0, PAUSE_MAX_S]
