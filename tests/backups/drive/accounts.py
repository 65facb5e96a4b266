"""Who comes to the Drive, and with what? Codes, tokens that run out, permissions that are taken back."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from backups.drive.refusing import BadGrant, Refused

OWN_FILES = "https://www.googleapis.com/auth/drive.file"
ALL_FILES = "https://www.googleapis.com/auth/drive"
TOKEN_S = 3599


@cache
def _make_key() -> rsa.RSAPrivateKey:
    """One for all of them: making it takes longer than the rest of a test."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(slots=True)
class Account:
    """A person, or a service account: that has no room of its own."""

    email: str
    limit_bytes: int | None = None
    is_service: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """What a token stands for."""

    email: str
    client_id: str
    scope: str


@dataclass(slots=True)
class _Asked:
    access: Access
    challenge: str
    redirect_url: str


@dataclass(slots=True)
class Accounts:
    """Everybody, and every token."""

    client_id: str = "app.example"
    client_secret: str = "the app's secret"
    redirect_url: str = "http://127.0.0.1:8080"
    people: dict[str, Account] = field(default_factory=dict)
    _codes: dict[str, _Asked] = field(default_factory=dict)
    _lasting: dict[str, Access] = field(default_factory=dict)
    _passing: dict[str, Access] = field(default_factory=dict)
    _keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)

    def consent(self, url: str, email: str, *, is_ticked: bool = True) -> tuple[str, str]:
        """What a user does whom the url was given: the code and the state that they come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == self.client_id
        assert asked["redirect_uri"] == self.redirect_url
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        scope = asked["scope"] if is_ticked else "openid"
        lasting = (asked.get("access_type"), asked.get("prompt")) == ("offline", "consent")
        access = Access(email, self.client_id, scope)
        code = ("lasting-" if lasting else "passing-") + secrets.token_hex(8)
        self._codes[code] = _Asked(access, asked["code_challenge"], asked["redirect_uri"])
        return code, asked["state"]

    def grant(self, email: str) -> str:
        """A refresh token, without the way to it."""
        token = f"lasting-{secrets.token_hex(8)}"
        self._lasting[token] = Access(email, self.client_id, OWN_FILES)
        return token

    def expire(self) -> None:
        """Every access token has run out."""
        self._passing.clear()

    def revoke(self, email: str) -> None:
        """As the user does it, or seven days of a consent screen in testing."""
        for tokens in (self._lasting, self._passing):
            for token in [token for token, access in tokens.items() if access.email == email]:
                del tokens[token]

    def make_service_account(self, root_url: str) -> dict[str, Any]:
        """The key, as the console gives it."""
        email = f"writer-{secrets.token_hex(4)}@project.example"
        self.people[email] = Account(email, is_service=True)
        self._keys[email] = _make_key()
        private = self._keys[email].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "client_email": email,
            "private_key_id": "1",
            "private_key": private.decode(),
            "token_uri": f"{root_url}token",
        }

    def answer_token(self, asked: dict[str, str]) -> dict[str, Any]:
        if asked.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self._pass(self._read_assertion(asked["assertion"]))
        if (asked.get("client_id"), asked.get("client_secret")) != (self.client_id, self.client_secret):
            raise BadGrant("invalid_client", HTTPStatus.UNAUTHORIZED)
        if asked["grant_type"] == "refresh_token":
            if asked["refresh_token"] not in self._lasting:
                raise BadGrant("invalid_grant")
            return self._pass(self._lasting[asked["refresh_token"]])
        return self._redeem(asked)

    def _redeem(self, asked: dict[str, str]) -> dict[str, Any]:
        kept = self._codes.pop(asked["code"], None)
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        if kept is None or kept.challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            raise BadGrant("invalid_grant")
        if kept.redirect_url != asked["redirect_uri"]:
            raise BadGrant("redirect_uri_mismatch")
        told = self._pass(kept.access)
        if asked["code"].startswith("lasting-"):
            told["refresh_token"] = f"lasting-{secrets.token_hex(8)}"
            self._lasting[told["refresh_token"]] = kept.access
        return told

    def answer_revoke(self, asked: dict[str, str]) -> dict[str, Any]:
        access = self._lasting.get(asked["token"])
        if access is None:
            raise BadGrant("invalid_token")
        self.revoke(access.email)
        return {}

    def _read_assertion(self, assertion: str) -> Access:
        email = str(jwt.decode(assertion, options={"verify_signature": False})["iss"])
        if email not in self._keys:
            raise BadGrant("invalid_grant")
        claims = jwt.decode(
            assertion, self._keys[email].public_key(), algorithms=["RS256"], options={"verify_aud": False}
        )
        return Access(email, email, str(claims["scope"]))

    def pass_token(self, email: str = "floor@example.com") -> str:
        """An access token, without the way to it."""
        return str(self._pass(Access(email, self.client_id, OWN_FILES))["access_token"])

    def _pass(self, access: Access) -> dict[str, Any]:
        token = f"passing-{secrets.token_hex(8)}"
        self._passing[token] = access
        return {"access_token": token, "expires_in": TOKEN_S, "scope": access.scope, "token_type": "Bearer"}

    def require(self, authorization: str | None) -> Access:
        access = self._passing.get((authorization or "").removeprefix("Bearer "))
        if access is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "authError")
        return access
