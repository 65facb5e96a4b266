"""Where is what comes with the server and is no code of its own? In the package, or where the sources have it."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def find_shipped(name: str, in_sources: str) -> Path:
    """The folder of that name, which setup.py puts into the wheel."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / in_sources
