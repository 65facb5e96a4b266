"""How is a version of the Python SDK kept, so that later servers are held to it? `python -m compatibility.keep v1.2.0` makes its wheel.

A revision that is no release is numbered by its commits: `0.1.0.dev62` has 62.
"""

import os
import re
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

TOP = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).with_name("kept")
_RELEASE = re.compile(r"v(\d+\.\d+\.\d+)")
_VERSION = re.compile(r'(?<=^__version__ = ")([^"]+)(?="$)', re.MULTILINE)


def keep(revision: str) -> Path:
    """The wheel of that revision, the same bytes whenever it is made."""
    with TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(_git("archive", revision, "sdk/python"))) as archive:
            archive.extractall(folder, filter="data")
        package = Path(folder) / "sdk" / "python"
        _number(package / "tallystick_client" / "__init__.py", revision)
        words = [
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            str(KEPT),
            str(package),
        ]
        made_at = _git("log", "-1", "--format=%ct", revision).decode().strip()
        before = set(KEPT.glob("*.whl"))
        subprocess.run([sys.executable, *words], env={**os.environ, "SOURCE_DATE_EPOCH": made_at}, check=True)
    (made,) = set(KEPT.glob("*.whl")) - before
    return made


def _number(package: Path, revision: str) -> None:
    release = _RELEASE.fullmatch(revision)
    text = package.read_text()
    (said,) = _VERSION.findall(text)
    if release is None:
        package.write_text(_VERSION.sub(f"{said}.dev{int(_git('rev-list', '--count', revision))}", text))
    elif said != release[1]:
        raise SystemExit(f"{revision} says that it is {said}")


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=TOP, check=True, capture_output=True).stdout


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    print(keep(sys.argv[1]))
