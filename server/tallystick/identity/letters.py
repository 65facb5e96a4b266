"""What do our mails say? Subject and text of each; a token stands on a line of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its address."""

    subject: str
    body: str


class Letters:
    """Composes mails. Links start with `public_url`; the token follows the # of a link, which browsers send to no server."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")

    def verify(self, token: str) -> Letter:
        return Letter(
            "Verify your e-mail address",
            f"Somebody, probably you, made a Tallystick account with this address.\n\nTo prove that it is yours, open\n\n"
            f"{self._link('verify-email', token)}\n\nor enter this code in the app, within 3 days:\n\n{token}\n\n"
            "If it was not you, do nothing.\n",
        )

    def reset(self, token: str) -> Letter:
        return Letter(
            "Set a new password",
            f"Somebody, probably you, asked for a new password.\n\nTo set it, open\n\n{self._link('reset-password', token)}\n\n"
            f"or enter this code in the app, within 30 minutes:\n\n{token}\n\n"
            "If it was not you, do nothing: your password stays as it is.\n",
        )

    def taken(self) -> Letter:
        return Letter(
            "You have an account already",
            "Somebody, probably you, tried to make a Tallystick account with this address. There is one already: sign in, or ask "
            "for a new password if you forgot yours.\n\nIf it was not you, do nothing: nothing has changed.\n",
        )

    def password_changed(self) -> Letter:
        return Letter(
            "Your password was changed",
            "The password of your Tallystick account was changed, and its other sessions have ended.\n\n"
            "If it was not you, ask for a new password at once.\n",
        )

    def session_ended(self) -> Letter:
        return Letter(
            "A session was ended for your safety",
            "A sign-in of your Tallystick account was used from two places, which happens when it was copied. That session has "
            "ended; sign in again on that device.\n\nIf you do not know why, change your password.\n",
        )

    def _link(self, page: str, token: str) -> str:
        return f"{self._public_url}/{page}#token={token}"
