"""What does the mail say that brings an invitation?"""

from typing import NamedTuple

from tallystick.times import to_datetime
from tallystick.v1.space_pb2 import Invitation


class Letter(NamedTuple):
    """A mail without its address."""

    subject: str
    body: str


def compose_letter(invitation: Invitation, public_url: str) -> Letter:
    """What others typed stands only in the text, on one line each, and in quotes: a name cannot pretend to be our own words."""
    inviter, space = _quote(invitation.invited_by), _quote(invitation.space_name)
    until = to_datetime(invitation.expires_at).strftime("%Y-%m-%d")
    return Letter(
        "You are invited to share in Tallystick",
        f"{inviter} invites you to share {space} in Tallystick.\n\nTo accept or decline, sign in with this e-mail address and "
        f"open your invitations, until {until} (UTC):\n\n{public_url.rstrip('/')}/invitations/{invitation.id}\n\n"
        "If you have no account yet, register with this address first. If you do not know who this is, do nothing.\n",
    )


def _quote(name: str) -> str:
    words = " ".join(name.split()).replace('"', "'")
    return f'"{words}"'
