"""How does a user let the server write to their Drive? They go to Google with a url, come back with a code, and the code becomes a grant.

What is asked for is `drive.file`: the files that this app makes, and no others. The state ties who comes back to who was sent, and the
verifier (PKCE) ties the code to this server: both are to be kept, sealed, until then.
"""

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from googleapiclient.http import build_http

from tallystick.backups.targets.drive.connection import GOOGLE, TIMEOUT_S
from tallystick.backups.targets.drive.failures import CLIENT_MESSAGE, MESSAGES, classify
from tallystick.backups.targets.drive.grant import OWN_FILES, Grant
from tallystick.backups.targets.target import TargetFailed, TargetReason

_OK, _SERVER_ERRORS = 200, 500
_LATE_MESSAGE = "That took too long, or was done twice. Connect the Drive once more."
_UNTICKED_MESSAGE = (
    "Without the permission to keep files in the Drive nothing can be stored. Connect once more, and leave it ticked."
)
_OFFLINE_MESSAGE = (
    "Google gave no lasting permission. Take this app's away at myaccount.google.com/connections, "
    "then connect the Drive once more."
)


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The app, as Google's console knows it."""

    client_id: str
    client_secret: str
    redirect_url: str
    root_url: str = GOOGLE
    timeout_s: float = TIMEOUT_S

    @property
    def consent_url(self) -> str:
        return "https://accounts.google.com/o/oauth2/v2/auth" if self.root_url == GOOGLE else f"{self.root_url}auth"

    @property
    def token_url(self) -> str:
        return "https://oauth2.googleapis.com/token" if self.root_url == GOOGLE else f"{self.root_url}token"

    @property
    def revoke_url(self) -> str:
        return "https://oauth2.googleapis.com/revoke" if self.root_url == GOOGLE else f"{self.root_url}revoke"


@dataclass(frozen=True, slots=True)
class Consent:
    """A question on its way. The url is for the user; the rest stays here."""

    url: str
    state: str
    verifier: str


def compose_consent(client: OAuthClient) -> Consent:
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client.client_id,
        "redirect_uri": client.redirect_url,
        "response_type": "code",
        "scope": OWN_FILES,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        # Both, or Google gives a user who has consented before nothing that lasts.
        "access_type": "offline",
        "prompt": "consent",
    }
    return Consent(f"{client.consent_url}?{urlencode(asked)}", state, verifier)


async def exchange_code(client: OAuthClient, code: str, verifier: str) -> Grant:
    """What a code is good for. Once, so nothing is tried again."""
    status, told = await _post(
        client,
        client.token_url,
        {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": client.redirect_url,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        },
    )
    if status != _OK:
        raise _refused(status, told)
    if OWN_FILES not in str(told.get("scope", "")).split():
        raise TargetFailed(TargetReason.REAUTH_REQUIRED, _UNTICKED_MESSAGE)
    if not told.get("refresh_token"):
        raise TargetFailed(TargetReason.REAUTH_REQUIRED, _OFFLINE_MESSAGE)
    return Grant(client.client_id, str(told["refresh_token"]))


async def revoke(client: OAuthClient, grant: Grant) -> None:
    """Gives the permission back. One that is not any more is given back."""
    status, told = await _post(client, client.revoke_url, {"token": grant.refresh_token})
    if status >= _SERVER_ERRORS:
        raise _refused(status, told)


def _refused(status: int, told: Mapping[str, Any]) -> TargetFailed:
    match told.get("error"):
        case "invalid_grant":
            return TargetFailed(TargetReason.REAUTH_REQUIRED, _LATE_MESSAGE)
        case "invalid_client" | "unauthorized_client" | "deleted_client" | "redirect_uri_mismatch":
            return TargetFailed(TargetReason.REFUSED, CLIENT_MESSAGE)
    reason = TargetReason.UNREACHABLE if status >= _SERVER_ERRORS else TargetReason.REFUSED
    return TargetFailed(reason, MESSAGES[reason])


async def _post(client: OAuthClient, url: str, fields: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    def step() -> tuple[int, dict[str, Any]]:
        http = build_http()
        http.timeout = client.timeout_s
        try:
            answer, body = http.request(
                url, "POST", urlencode(fields), {"content-type": "application/x-www-form-urlencoded"}
            )
            told = json.loads(body) if body else {}
        finally:
            http.close()
        return int(answer.status), told if isinstance(told, dict) else {}

    try:
        return await asyncio.to_thread(step)
    except Exception as error:
        failure = classify(error)
        if failure is None:
            raise
        raise failure.to_error() from error
