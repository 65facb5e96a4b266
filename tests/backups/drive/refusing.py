"""How does the Drive say no? A status, and a reason in its own words."""

from http import HTTPStatus
from typing import Any


class Refused(Exception):
    """An answer that is none."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers or {}
        self.body = _compose_body(status, reason)


class BadGrant(Exception):
    """What the place where tokens come from answers, in the words of OAuth."""

    def __init__(self, error: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": "as the test wants it"}


def not_found() -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, "notFound")


def _compose_body(status: int, reason: str) -> dict[str, Any]:
    # Full and busy are told apart by the reason alone: the domain is the same.
    domain = "usageLimits" if reason.endswith("Exceeded") else "global"
    told = {"domain": domain, "reason": reason, "message": reason}
    return {"error": {"code": status, "message": reason, "errors": [told]}}
