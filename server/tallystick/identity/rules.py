"""What is right for users, sessions and tokens? Pure decisions: no I/O, no clock, no database."""

import unicodedata
import zoneinfo
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any
from uuid import UUID, uuid5

from tallystick.errors import InvalidInput, LimitReached, NotSignedIn, RuleBroken
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.identity_pb2 import User
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState

LOCALE_DEFAULT = "en"
TIME_ZONE_DEFAULT = "UTC"

SESSIONS_MAX = 100
ACCESS_KEYS_MAX = 100
KNOWN_DEVICES_MAX = 100
# The life of a family of refresh tokens, whatever is refreshed meanwhile.
FAMILY_TTL = timedelta(days=90)
VERIFY_TTL = timedelta(days=3)
RESET_TTL = timedelta(minutes=30)


class MailPurpose(IntEnum):
    """What a token that travels by mail is good for, and for nothing else."""

    VERIFY = 1
    RESET = 2


MAIL_TTL = {MailPurpose.VERIFY: VERIFY_TTL, MailPurpose.RESET: RESET_TTL}

CHANGEABLE = ("display_name", "locale", "time_zone")
_IPV6_PREFIX_BITS = 64

# Ids that follow from a request live in a name space of their own, so that no other feature's can meet them.
_NAMES = UUID("6f0cc8a4-3d2b-5c1e-9a57-1d7d0a7f9c11")


def user_id_of(request_id: str) -> UUID:
    """The user that a registration makes: the same again for a repeat."""
    return uuid5(_NAMES, f"user {UUID(request_id)}")


def home_id_of(request_id: str) -> UUID:
    return uuid5(_NAMES, f"home {UUID(request_id)}")


def erasure_id_of(user_id: UUID, space_id: UUID) -> UUID:
    """The request that erases a user from a space: the same again when a crash makes somebody finish it."""
    return uuid5(_NAMES, f"erase {user_id} {space_id}")


def normalise_email(email: str) -> str:
    """One form for all spellings of an address. Only for finding it: mail goes to the address as it was typed."""
    form = email.strip()
    # Folding can undo the normal form and the other way round; twice is a fixed point.
    for _ in range(2):
        form = unicodedata.normalize("NFKC", form).casefold()
    return unicodedata.normalize("NFKC", form).strip()


def network_of(address: str) -> str:
    """What counts as one address: a whole /64 for IPv6, because that is what one subscriber has."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_PREFIX_BITS), strict=False))


def is_this_machine(address: str) -> bool:
    """Whether a call came from the server's own machine without a proxy between: the operator's scripts, not a stranger.

    Proxies on the machine are believed about whom they speak for, so a stranger behind one has an address of their own.
    """
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return address.startswith("unix:")


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) | {TIME_ZONE_DEFAULT}


def require_time_zone(name: str) -> str:
    if not name:
        return TIME_ZONE_DEFAULT
    if name not in _time_zones():
        raise InvalidInput.of_field("time_zone", "is no IANA time zone")
    return name


def require_display_name(name: str) -> str:
    shown = name.strip()
    if not shown:
        raise InvalidInput.of_field("display_name", "must not be blank")
    return shown


def compose_update(before: User, values: Any, names: Collection[str]) -> User:
    """The user with the named fields as `values` has them."""
    after = User()
    after.CopyFrom(before)
    if "display_name" in names:
        after.display_name = require_display_name(values.display_name)
    if "locale" in names:
        after.locale = values.locale or LOCALE_DEFAULT
    if "time_zone" in names:
        after.time_zone = require_time_zone(values.time_zone)
    return after


def refresh_ends_at(now: datetime, ttl: timedelta, family_ends_at: datetime) -> datetime:
    return min(now + ttl, family_ends_at)


def wrong_credentials() -> NotSignedIn:
    return NotSignedIn(
        ErrorReason.ERROR_REASON_WRONG_CREDENTIALS, "E-mail address and password do not belong together."
    )


def invalid_token() -> NotSignedIn:
    return NotSignedIn(ErrorReason.ERROR_REASON_INVALID_TOKEN, "The access token is not valid.")


def invalid_access_key() -> NotSignedIn:
    return NotSignedIn(ErrorReason.ERROR_REASON_INVALID_ACCESS_KEY, "The access key is not valid.")


def invalid_refresh_token() -> NotSignedIn:
    return NotSignedIn(ErrorReason.ERROR_REASON_INVALID_REFRESH_TOKEN, "The refresh token is not valid; sign in again.")


def refresh_token_reused() -> NotSignedIn:
    return NotSignedIn(
        ErrorReason.ERROR_REASON_REFRESH_TOKEN_REUSED,
        "A replaced refresh token was used again, so its session was ended; sign in again.",
    )


def invalid_mail_token() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_INVALID_MAIL_TOKEN, "The token is unknown, expired or was used.")


def email_not_verified() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_EMAIL_NOT_VERIFIED, "The e-mail address must be verified first.")


def too_many_attempts(retry_after_s: float) -> LimitReached:
    return LimitReached(
        ErrorReason.ERROR_REASON_TOO_MANY_ATTEMPTS, "Too many attempts; try again later.", retry_after_s=retry_after_s
    )


def too_many_access_keys() -> LimitReached:
    return LimitReached(
        ErrorReason.ERROR_REASON_QUOTA_EXCEEDED, f"At most {ACCESS_KEYS_MAX} access keys can exist; revoke one first."
    )


def is_active_user(member: Member) -> bool:
    return bool(member.user_id) and member.state == MemberState.MEMBER_STATE_ACTIVE


def find_heir(leaving: Member, others: Sequence[Member]) -> Member | None:
    """Who owns the space when `leaving` was its last owner: whoever has been there longest."""
    if leaving.role != Role.ROLE_OWNER or any(member.role == Role.ROLE_OWNER for member in others):
        return None
    return min(others, key=lambda member: (member.joined_at.ToNanoseconds(), member.id), default=None)
