"""What does a failure of Google's client mean, and may the step be tried again? Pure.

The `reason` decides, never the domain or the text: a full Drive and a busy one are both 403 with the domain usageLimits, and whoever waits
for a full one waits for ever.
"""

import http.client
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httplib2
from google.auth import exceptions
from googleapiclient import errors

from tallystick.backups.targets.target import TargetFailed, TargetReason

UNAUTHORIZED, NOT_FOUND, TIMED_OUT, CONFLICT, GONE, TOO_MANY = 401, 404, 408, 409, 410, 429
CLIENT_ERRORS, SERVER_ERRORS = 400, 500

RATE_REASONS = {"rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded"}
# A limit of a day: minutes of waiting do not help.
DAY_REASONS = {"dailyLimitExceeded", "uploadLimitExceeded"}
FULL_REASONS = {
    "storageQuotaExceeded",
    "quotaExceeded",
    "teamDriveFileLimitExceeded",
    "sharedDriveFileLimitExceeded",
    "numChildrenInNonRootLimitExceeded",
    "activeItemCreationLimitExceeded",
}
AGAIN_REASONS = {"authError", "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"}
SETUP_REASONS = {"accessNotConfigured", "SERVICE_DISABLED"}
RETRY_TOMORROW = timedelta(hours=6)

CONNECT_AGAIN = (
    "Google no longer accepts the permission it gave. Connect the Drive again. If this happens every seven days, the consent screen of the "
    'OAuth client still says "Testing": publish it, then connect once more.'
)
MESSAGES = {
    TargetReason.REAUTH_REQUIRED: CONNECT_AGAIN,
    TargetReason.FULL: "The Drive is full. Files in its trash count, too: empty it, keep fewer archives, or get more room.",
    TargetReason.RATE_LIMITED: "Google asks to slow down. The next run goes on where this one stopped.",
    TargetReason.UNREACHABLE: "Google Drive did not answer as it should, however often it was asked.",
    TargetReason.REFUSED: "Google Drive refuses. Look at what the account, or its organisation, lets this app do.",
    TargetReason.GONE: "It is not in the Drive any more, or this app may not see it.",
    TargetReason.DAMAGED: "What the Drive holds is not what was sent.",
}
SETUP_MESSAGE = "The Drive API is not enabled for the project of the OAuth client. Enable it in Google's console."
CLIENT_MESSAGE = (
    "Google does not know this OAuth client, or its secret is another. Compare the settings with Google's console."
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What an error means."""

    reason: TargetReason
    may_retry: bool = False
    status: int = 0
    retry_after_s: float | None = None
    message: str = ""

    def to_error(self) -> TargetFailed:
        if self.status == CONFLICT:
            return AlreadyThere(self.reason, MESSAGES[self.reason])
        after = None if self.retry_after_s is None else timedelta(seconds=self.retry_after_s)
        return TargetFailed(self.reason, self.message or MESSAGES[self.reason], retry_after=after)


def classify(error: Exception, now: datetime | None = None) -> Failure | None:
    """None: no failure of the Drive or of the way to it, but one of the program."""
    match error:
        case errors.HttpError():
            return _of_answer(error, now or datetime.now(UTC))
        case exceptions.RefreshError():
            return _of_refresh(error)
        case (
            exceptions.TransportError()
            | httplib2.HttpLib2Error()
            | http.client.HTTPException()
            | OSError()
            | errors.Error()
            | NotDrive()
        ):
            return Failure(TargetReason.UNREACHABLE, may_retry=True)
        # The client reads answers as JSON without a look at what they are: the page of a hotel's network is none.
        case json.JSONDecodeError() | UnicodeDecodeError():
            return Failure(TargetReason.UNREACHABLE, may_retry=True)
    return None


class AlreadyThere(TargetFailed):
    """A file of this id exists. Ids are minted before they are used, so it is the very file that was to be made."""


class NotDrive(TargetFailed):
    """Something answered with success, and not as the Drive does."""

    def __init__(self, what: str) -> None:
        super().__init__(TargetReason.UNREACHABLE, f"What answers in the place of Google Drive sends {what}.")


def read_field(answer: Any, name: str) -> Any:
    """A field that the Drive always sends."""
    if not isinstance(answer, dict) or name not in answer:
        raise NotDrive(f"answers without {name}")
    return answer[name]


def reasons_of(error: errors.HttpError) -> set[str]:
    """Every reason that an answer names. They are in `errors`, and in `details` for the newer ones."""
    try:
        said = json.loads(error.content)["error"]
        told: list[Any] = [*said.get("errors", ()), *said.get("details", ())]
        return {str(each["reason"]) for each in told if isinstance(each, dict) and "reason" in each}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def is_suspected(error: Exception) -> bool:
    """Whether Google takes a file for one that does harm. To it, an archive looks like noise."""
    return isinstance(error, errors.HttpError) and "cannotDownloadAbusiveFile" in reasons_of(error)


def _of_answer(error: errors.HttpError, now: datetime) -> Failure:  # noqa: PLR0911 - a table, read from the top
    status, reasons = int(error.resp.status), reasons_of(error)
    after_s = _read_retry_after(error.resp.get("retry-after"), now)
    if reasons & FULL_REASONS:
        return Failure(TargetReason.FULL, status=status)
    if reasons & DAY_REASONS:
        return Failure(TargetReason.RATE_LIMITED, status=status, retry_after_s=RETRY_TOMORROW.total_seconds())
    if status == TOO_MANY or reasons & RATE_REASONS:
        return Failure(TargetReason.RATE_LIMITED, may_retry=True, status=status, retry_after_s=after_s)
    # The client also takes a success for an error, if it is not one of the Drive.
    if not CLIENT_ERRORS <= status < SERVER_ERRORS or status == TIMED_OUT:
        return Failure(TargetReason.UNREACHABLE, may_retry=True, status=status, retry_after_s=after_s)
    if status == UNAUTHORIZED or reasons & AGAIN_REASONS:
        return Failure(TargetReason.REAUTH_REQUIRED, status=status)
    # The second: of another connection of this app, which was taken back.
    if status in (NOT_FOUND, GONE) or "appNotAuthorizedToFile" in reasons:
        return Failure(TargetReason.GONE, status=status)
    message = SETUP_MESSAGE if reasons & SETUP_REASONS else ""
    return Failure(TargetReason.REFUSED, status=status, message=message)


def _of_refresh(error: exceptions.RefreshError) -> Failure:
    told = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    if error.retryable:
        return Failure(TargetReason.UNREACHABLE, may_retry=True)
    if told.get("error") in ("invalid_client", "unauthorized_client", "deleted_client"):
        return Failure(TargetReason.REFUSED, message=CLIENT_MESSAGE)
    return Failure(TargetReason.REAUTH_REQUIRED)


def _read_retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds, or a date, as HTTP allows."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None
