"""What of the database is in an archive of the whole server? All that people made, and what it needs to be proven. Pure.

A table that is not named here is taken as it is: a new one is in every backup without anybody thinking of it. A test asks for it all the
same, and says of each why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Why each is left out. It is there again after a restore, and empty.
LEFT_OUT: Mapping[str, str] = {
    "session": "users sign in again: who restores cannot know which devices were lost meanwhile",
    "refresh_token": "as sessions",
    "device_due": "tells of sessions",
    "mail_token": "a link in a mail is asked for again",
    "known_device": "as sessions",
    "throttle": "counts of failed attempts, of minutes",
    "quota_use": "counts of the hour",
    "signing_key": "a server makes new ones; what was signed with the old ones ends with the sessions",
}
# Its rows travel opened, in a part of their own (keys.py): master keys stay where they are.
KEYS = "space_key"
# Answers that are secrets for an hour stay at home. That there was one is kept: a repeat is refused and not done again.
MASKED: Mapping[tuple[str, str], str] = {
    ("answer_apart", "body"): "CASE WHEN body_expires_at IS NULL THEN body END",
}


@dataclass(frozen=True, slots=True)
class Selected:
    """A table that is taken, with the columns that it has at this moment."""

    name: str
    columns: tuple[str, ...]

    def expressions(self) -> tuple[str, ...]:
        """What is read for each column."""
        return tuple(MASKED.get((self.name, column), quoted(column)) for column in self.columns)


def choose(found: Mapping[str, tuple[str, ...]], known: Iterable[str]) -> list[Selected]:
    """Of the tables that the database has, those of ours that are taken, in the order of their names."""
    ours = {*known} - {*LEFT_OUT, KEYS}
    return [Selected(name, found[name]) for name in sorted(ours & {*found})]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
