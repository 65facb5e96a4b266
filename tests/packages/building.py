"""What is released? One package for the server and one for each language that has its tools here, made as whoever releases makes them.

`make packages` leaves them in .build/packages. Tests make them once a run, from the same sources.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from clients.kotlin import SDK as KOTLIN
from clients.kotlin import build_kotlin
from clients.tools import BUILT, TOP, build_sdk, find_tool
from tallystick import __version__

PACKAGES = BUILT / "packages"
MODULE = "tallystick.dev/go"
# What the server's wheel is made of, beside its code.
_OF_THE_SERVER = (
    "pyproject.toml",
    "setup.py",
    "README.md",
    "LICENSE",
    "migrations",
    "sdk/typescript/demo/dist",
    ".build/docs",
    "server/tallystick",
)
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
_WHEEL = (
    "-m",
    "pip",
    "wheel",
    "--quiet",
    "--no-deps",
    "--no-build-isolation",
    "--disable-pip-version-check",
    "--wheel-dir",
)


def build_server(target: Path) -> Path:
    """The server's wheel. What setuptools leaves behind is left beside a copy of the sources."""
    with TemporaryDirectory() as folder:
        for name in _OF_THE_SERVER:
            _copy(TOP / name, Path(folder) / name)
        return _wheel(Path(folder), target, "tallystick-*.whl")


def build_python(target: Path) -> Path:
    with TemporaryDirectory() as folder:
        _copy(TOP / "sdk" / "python", Path(folder) / "python")
        return _wheel(Path(folder) / "python", target, "tallystick_client-*.whl")


def build_typescript(target: Path) -> Path:
    """The tarball that npm publishes."""
    sdk = build_sdk("build")
    words = ("pack", "--silent", "--ignore-scripts", "--json", "--pack-destination", str(target), str(sdk))
    done = subprocess.run([find_tool("npm"), *words], check=True, capture_output=True, text=True)
    packed = json.loads(done.stdout)
    [package] = packed.values() if isinstance(packed, dict) else packed
    return target / Path(package["filename"]).name


def build_go(target: Path, version: str = f"v{__version__}") -> Path:
    """A folder that a GOPROXY may be: the module as a zip, in the layout of Go's module proxies."""
    versions = target / "go" / MODULE / "@v"
    versions.mkdir(parents=True, exist_ok=True)
    (versions / "list").write_text(f"{version}\n")
    (versions / f"{version}.info").write_text(json.dumps({"Version": version}))
    shutil.copy(TOP / "sdk" / "go" / "go.mod", versions / f"{version}.mod")
    with zipfile.ZipFile(versions / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as module:
        for path in _of_the_module():
            module.write(path, f"{MODULE}@{version}/{path.relative_to(TOP / 'sdk' / 'go')}")
    return target / "go"


def build_maven(target: Path) -> Path:
    """A folder that a Maven repository may be."""
    build_kotlin()
    name = f"tallystick-client-{__version__}"
    place = target / "maven" / "tallystick" / "tallystick-client" / __version__
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(KOTLIN / "target" / f"{name}.jar", place)
    shutil.copy(KOTLIN / "pom.xml", place / f"{name}.pom")
    return target / "maven"


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "server": build_server,
    "python": build_python,
    "typescript": build_typescript,
    "go": build_go,
    "maven": build_maven,
}


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_NOT_COPIED)
    else:
        shutil.copy(source, target)


def _wheel(project: Path, target: Path, pattern: str) -> Path:
    subprocess.run([sys.executable, *_WHEEL, str(target), str(project)], check=True, env=_without_our_path())
    (made,) = target.glob(pattern)
    return made


def _without_our_path() -> dict[str, str]:
    """What is imported while a package is made comes from its own sources."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _of_the_module() -> list[Path]:
    """What Go takes into the module: what git knows of, but for modules within it."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "sdk/go"]
    names = subprocess.run(listed, cwd=TOP, check=True, capture_output=True, text=True).stdout.splitlines()
    within = {str(Path(name).parent) for name in names if name.endswith("/go.mod") and name != "sdk/go/go.mod"}
    return [TOP / name for name in names if not any(name.startswith(f"{folder}/") for folder in within)]


if __name__ == "__main__":
    shutil.rmtree(PACKAGES, ignore_errors=True)
    PACKAGES.mkdir(parents=True)
    for builder in BUILDERS.values():
        print(builder(PACKAGES).relative_to(TOP))
