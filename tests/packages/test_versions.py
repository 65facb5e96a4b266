"""Do all packages say the same version, and what their users may do with them? Also those that nothing here can build."""

import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import tallystick
import tallystick_client
from clients.tools import TOP

SDK = TOP / "sdk"
LICENSE = "Apache-2.0"
# Where a machine that nobody else has would show.
MACHINE = re.compile(r"localhost|127\.0\.0\.1|/(?:home|root|tmp|work|Users)/")


def read_json(name: str) -> dict[str, object]:
    read: dict[str, object] = json.loads((SDK / "typescript" / name).read_text())
    return read


def read_pom(path: str) -> str:
    found = ET.parse(SDK / "kotlin" / "pom.xml").findtext("/".join(f"{{*}}{name}" for name in path.split("/")))
    assert found is not None, path
    return found


def read_line(path: Path, pattern: str) -> str:
    """The one thing that a line of a file says."""
    [found] = re.findall(pattern, path.read_text(), re.MULTILINE)
    return str(found)


def test_every_package_has_the_same_version() -> None:
    """If you are here because this failed, a release is half made: see server/docs/versioning.md."""
    said = {
        "Python": tallystick_client.__version__,
        "TypeScript": read_json("package.json")["version"],
        "its lock": read_json("package-lock.json")["version"],
        "Kotlin": read_pom("version"),
        "its README": read_line(SDK / "kotlin" / "README.md", r"^  <version>(.+)</version>$"),
        "Dart": read_line(SDK / "dart" / "pubspec.yaml", r"^version: (.+)$"),
    }
    assert said == dict.fromkeys(said, tallystick.__version__)


def test_every_package_names_its_license() -> None:
    projects = [tomllib.loads((place / "pyproject.toml").read_text())["project"] for place in (TOP, SDK / "python")]
    said = [*(project["license"] for project in projects), read_json("package.json")["license"]]
    assert [*said, read_pom("licenses/license/name")] == [LICENSE] * 4


@pytest.mark.parametrize("language", ["dart", "go", "kotlin", "python", "swift", "typescript"])
def test_a_package_brings_its_license_and_says_what_it_is(language: str) -> None:
    """Packages are made from their own folders, and take nothing from above them."""
    assert (SDK / language / "LICENSE").read_bytes() == (TOP / "LICENSE").read_bytes()
    assert (SDK / language / "README.md").read_text().startswith("# ")


@pytest.mark.parametrize(
    "about",
    [
        "dart/pubspec.yaml",
        "go/go.mod",
        "kotlin/pom.xml",
        "python/pyproject.toml",
        "swift/Package.swift",
        "typescript/package.json",
    ],
)
def test_what_a_package_says_of_itself_leads_to_no_machine(about: str) -> None:
    assert MACHINE.findall((SDK / about).read_text()) == []
