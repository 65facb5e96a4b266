"""How does a receiver know that a delivery is ours? By a keyed hash over the moment and the body. Pure, but for the installation's key.

A secret is not kept anywhere: it follows from the keyring and from ids that are no secret. So no row, journal, copy or dump holds it, and
it outlives every rotation and resealing, as the keyring's lookup secret does.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime

from tallystick.store.keyring import Keyring
from tallystick.times import to_datetime
from tallystick.v1.webhook_pb2 import Webhook

HEADER = "Tallystick-Signature"
PREFIX = "tswh_"


class Secrets:
    """What webhooks are signed with."""

    def __init__(self, keyring: Keyring) -> None:
        self._key = keyring.derive(b"webhook secrets")

    def current(self, webhook: Webhook) -> str:
        return self.named(webhook.space_id, webhook.id, webhook.secret_id)

    def signing(self, webhook: Webhook, now: datetime) -> list[str]:
        """The current one, and the one before while receivers learn of it."""
        secrets = [self.current(webhook)]
        if webhook.previous_secret_id and now < to_datetime(webhook.previous_secret_until):
            secrets.append(self.named(webhook.space_id, webhook.id, webhook.previous_secret_id))
        return secrets

    def named(self, *ids: str) -> str:
        """Ids have a fixed width, so that no two lists of them are one text."""
        digest = hmac.digest(self._key, "|".join(ids).encode(), hashlib.sha256)
        return PREFIX + urlsafe_b64encode(digest).decode().rstrip("=")


def sign(secrets: Sequence[str], at: int, body: bytes) -> str:
    """The header for a body that is sent at a moment, in seconds since 1970."""
    signed = b"%d.%b" % (at, body)
    hashes = [hmac.digest(secret.encode(), signed, hashlib.sha256).hex() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={each}" for each in hashes)])
