"""Where does an operator's passphrase come from? A file, a setting, or whoever sits there. Never an argument: all see those."""

import getpass
import sys
from pathlib import Path

from tallystick.backups.archive.errors import PassphraseUnfit
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.config import BadSettings, Config

HELP = "the file that holds the passphrase in its only line (default: what TALLYSTICK_BACKUP_PASSPHRASE says, or you are asked)"


def read_passphrase(config: Config, file: Path | None, *, is_new: bool) -> Passphrase:
    """`is_new`: for an archive that is about to be made."""
    text = _read_file(file) if file else config.backup_passphrase or _ask(is_new=is_new)
    try:
        return Passphrase.chosen(text) if is_new else Passphrase(text)
    except PassphraseUnfit as unfit:
        raise BadSettings(f"passphrase: {unfit}") from unfit


def _read_file(file: Path) -> str:
    try:
        # What an editor ends a line with belongs to nobody's passphrase.
        return file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise BadSettings(f"--passphrase-file {file}: {unreadable}") from unreadable


def _ask(*, is_new: bool) -> str:
    if not sys.stdin.isatty():
        raise BadSettings("passphrase: give --passphrase-file FILE, or TALLYSTICK_BACKUP_PASSPHRASE_FILE")
    text = getpass.getpass("Passphrase: ")
    if is_new and getpass.getpass("Once more: ") != text:
        raise BadSettings("passphrase: it was typed in two ways")
    return text
