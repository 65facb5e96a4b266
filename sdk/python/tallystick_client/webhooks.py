"""Does a webhook's delivery come from the server that shares the secret, and is it of now?"""

import hashlib
import hmac
import re
import time
from collections.abc import Sequence

TOLERANCE_S = 300

# Others may stand beside them one day.
_AT = re.compile(r"t=([0-9]{1,15})")
_HASH = re.compile(r"v1=([0-9a-f]{64})")
# More than any server sends: whoever sends more wants us to compute.
_PARTS_MAX = 10


class SignatureInvalid(Exception):
    """Do not believe a word of it, and answer 400."""


def verify_webhook(
    body: bytes,
    signature: str | None,
    secrets: str | Sequence[str],
    *,
    now: float | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> None:
    """Raises SignatureInvalid unless one of the secrets has signed the body, no longer ago than the tolerance, and no further ahead.

    `body` is what arrived, byte for byte: not what a framework has read and written again. `signature` is the header
    `Tallystick-Signature`. Give both secrets while one takes over from the other.
    """
    parts = (signature or "").split(",")
    moments = [found[1] for part in parts if (found := _AT.fullmatch(part))]
    hashes = [found[1] for part in parts if (found := _HASH.fullmatch(part))]
    if len(parts) > _PARTS_MAX or len(moments) != 1 or not hashes:
        raise SignatureInvalid("there is no signature that can be read")
    signed = moments[0].encode() + b"." + body
    expected = [
        hmac.digest(secret.encode(), signed, hashlib.sha256).hex()
        for secret in ([secrets] if isinstance(secrets, str) else secrets)
        if secret
    ]
    # In constant time: how long it takes must not say how much of a guess is right.
    if not any(hmac.compare_digest(one, other) for one in expected for other in hashes):
        raise SignatureInvalid("none of the secrets has signed it")
    if abs((time.time() if now is None else now) - int(moments[0])) > tolerance_s:
        raise SignatureInvalid("it was signed too long ago, or too far ahead")
