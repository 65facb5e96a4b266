"""What is in an access token, and which ones do we believe? Only our own: one algorithm, our keys, every claim present."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from tallystick.clock import Clock
from tallystick.identity.rules import invalid_token
from tallystick.identity.signing import Key, SigningKeys

AUDIENCE = "tallystick"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type, no secret
ALGORITHM = "EdDSA"
# The only algorithm that is ever tried: whatever a token's header says, it can only choose to be refused.
_ALGORITHMS = (ALGORITHM,)
_HEADERS = frozenset({"alg", "kid", "typ"})
_CLAIMS = ("iss", "aud", "sub", "home", "sid", "jti", "iat", "exp")
LENGTH_MAX = 2_048
# A token from the future was made by a clock that is ahead, or by nobody we know.
SKEW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Claims:
    """Whom a token is for."""

    user_id: UUID
    home_id: UUID
    session_id: UUID
    expires_at: datetime


class AccessTokens:
    """Issues and verifies access tokens."""

    def __init__(self, keys: SigningKeys, clock: Clock, issuer: str, life: timedelta) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self.life = life

    def issue(self, signer: Key, user_id: UUID, home_id: UUID, session_id: UUID, now: datetime) -> tuple[str, datetime]:
        """A token, and when it stops working."""
        # Whole seconds, because the claim has no finer ones: what we say to the client is what the token says.
        expires_at = datetime.fromtimestamp(int((now + self.life).timestamp()), UTC)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "home": str(home_id),
            "sid": str(session_id),
            "jti": uuid4().hex,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(claims, signer.private, ALGORITHM, {"kid": signer.kid, "typ": TOKEN_TYPE}), expires_at

    async def verify(self, token: str) -> Claims:
        """The claims of a token that we issued and that has not expired. Whether its session lives is another question."""
        if len(token) > LENGTH_MAX:
            raise invalid_token()
        try:
            header = jwt.get_unverified_header(token)
            public = await self._keys.find_public(_require_kid(header))
            if public is None:
                raise invalid_token()
            # The clock is ours and not the library's, so that tests can turn it; so the times are checked below.
            options: Any = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
            claims = jwt.decode(token, public, list(_ALGORITHMS), options, audience=AUDIENCE, issuer=self._issuer)
            return self._read(claims)
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as refused:
            raise invalid_token() from refused

    def _read(self, claims: dict[str, Any]) -> Claims:
        now = self._clock.now()
        issued_at, expires_at = _moment(claims["iat"]), _moment(claims["exp"])
        if expires_at <= now or issued_at > now + SKEW or claims["aud"] != AUDIENCE:
            raise invalid_token()
        return Claims(UUID(claims["sub"]), UUID(claims["home"]), UUID(claims["sid"]), expires_at)


def _require_kid(header: dict[str, Any]) -> str:
    kid = header.get("kid")
    if (
        header.keys() != _HEADERS
        or header["alg"] != ALGORITHM
        or header["typ"] != TOKEN_TYPE
        or not isinstance(kid, str)
    ):
        raise invalid_token()
    return kid


def _moment(seconds: Any) -> datetime:
    if type(seconds) is not int:
        raise invalid_token()
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as beyond:
        # A year that no calendar has; the platform decides which of the three it is.
        raise invalid_token() from beyond
