"""With what does the server come to Google? For a user with their grant; for a shared drive with a key of its own.

Of a grant only what lasts is kept, and the app's own secret is not in it: that can be changed in the console and in the settings without
asking every user again. Google gives no new refresh token when an old one is used, so there is nothing to keep anew either.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from google.auth import exceptions
from google.auth.credentials import Credentials
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials as UserCredentials

from tallystick.backups.targets.target import TargetFailed, TargetReason

OWN_FILES = "https://www.googleapis.com/auth/drive.file"
# A service account sees only what it was let into, and with less than this not even the shared drive itself.
ALL_FILES = "https://www.googleapis.com/auth/drive"


@dataclass(frozen=True, slots=True)
class Grant:
    """A user's lasting permission. A secret: to be kept sealed."""

    client_id: str
    refresh_token: str

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "Grant":
        return cls(**json.loads(text))

    def __repr__(self) -> str:
        return f"Grant(client_id={self.client_id!r})"


class _Careful:
    """Google's reader of tokens takes every success for one, and fails as a program does when it is the page of a hotel's network."""

    def refresh(self, request: Any) -> None:
        try:
            super().refresh(request)  # type: ignore[misc]  # of the class beside this one
        except (TypeError, KeyError, AttributeError) as odd:
            raise exceptions.TransportError("what answers knows no tokens") from odd  # type: ignore[no-untyped-call]  # no types


class _UserCredentials(_Careful, UserCredentials):
    """A user's."""


class _ServiceCredentials(_Careful, service_account.Credentials):
    """A service account's."""


def compose_user_credentials(grant: Grant, client_id: str, client_secret: str, token_url: str) -> Credentials:
    if grant.client_id != client_id:
        raise TargetFailed(
            TargetReason.REAUTH_REQUIRED, "The Drive was connected through another OAuth client. Connect it again."
        )
    return _UserCredentials(  # type: ignore[no-untyped-call]  # google-auth has some types, and not these
        None,
        refresh_token=grant.refresh_token,
        token_uri=token_url,
        client_id=client_id,
        client_secret=client_secret,
        scopes=[OWN_FILES],
    )


def compose_service_credentials(key: Mapping[str, Any]) -> Credentials:
    return _ServiceCredentials.from_service_account_info(  # type: ignore[no-any-return,no-untyped-call]  # as above
        dict(key), scopes=[ALL_FILES]
    )
