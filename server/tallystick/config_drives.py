"""Do the settings of Drives fit together? Pure: what is wrong is said at the start, before an archive is on its way."""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEY_FIELDS = ("client_email", "private_key", "token_uri")


class Settings(Protocol):
    """What of the settings is about Drives."""

    @property
    def google_client_id(self) -> str: ...

    @property
    def google_client_secret(self) -> str: ...

    @property
    def google_redirect_url(self) -> str: ...

    @property
    def public_url(self) -> str: ...

    @property
    def drive_root_url(self) -> str: ...

    @property
    def drive_service_account(self) -> Mapping[str, Any] | None: ...

    @property
    def shared_drive_id(self) -> str: ...


def read_root_url(text: str) -> str:
    """Where Google's client finds the Drive. Its permission goes along with every request, so without encryption only on this machine."""
    require_guarded_url(text)
    return text if text.endswith("/") else f"{text}/"


def require_guarded_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an http or https address")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must be https, but on this machine")
    return text


def read_service_account(text: str) -> Mapping[str, Any]:
    """The key as Google's console gives it."""
    try:
        key = json.loads(text)
    except ValueError as broken:
        raise ValueError("must be the JSON key of a service account, or its file") from broken
    if not isinstance(key, dict) or key.get("type") != "service_account":
        raise ValueError("must be the key of a service account, and is another")
    missing = [name for name in _KEY_FIELDS if not isinstance(key.get(name), str)]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    return key


def find_contradictions(values: Mapping[str, Any]) -> list[str]:
    """What is given by half, a line for each, by the names of the settings."""
    bad: list[str] = []
    if bool(values.get("google_client_id")) != bool(values.get("google_client_secret")):
        bad.append(
            "TALLYSTICK_GOOGLE_CLIENT_ID: goes with TALLYSTICK_GOOGLE_CLIENT_SECRET, and neither without the other"
        )
    back = values.get("google_redirect_url") or values.get("public_url")
    if values.get("google_client_id") and back:
        try:
            require_guarded_url(back)
        except ValueError as wrong:
            bad.append(f"TALLYSTICK_GOOGLE_REDIRECT_URL: {wrong}, and without it that is the public URL")
    if values.get("drive_service_account") and not values.get("shared_drive_id"):
        bad.append(
            "TALLYSTICK_DRIVE_SERVICE_ACCOUNT: has no room of its own; give TALLYSTICK_SHARED_DRIVE_ID, a shared drive it manages"
        )
    if values.get("shared_drive_id") and not values.get("drive_service_account"):
        bad.append("TALLYSTICK_SHARED_DRIVE_ID: needs TALLYSTICK_DRIVE_SERVICE_ACCOUNT, the key of who may write there")
    return bad


def describe(settings: Settings) -> list[str]:
    """As `tallystick check` tells it, without asking Google anything."""
    told = ["drives: users cannot connect theirs, there is no OAuth client"]
    if settings.google_client_id:
        back = settings.google_redirect_url or settings.public_url
        told = [f"drives: users connect theirs through {settings.google_client_id}, and come back to {back}"]
    if settings.drive_service_account is not None:
        told.append(f"shared drive: {settings.shared_drive_id}, as {settings.drive_service_account['client_email']}")
    return told
