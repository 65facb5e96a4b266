"""How does a test come by a Kotlin program? One run of Maven compiles and tests the SDK, its sample, and the snippets of its README."""

import subprocess
from pathlib import Path

from clients.app import read_program
from clients.tools import TOP, find_tool, once_a_run

SDK = TOP / "sdk" / "kotlin"
# The whole SDK is compiled, and the packages may have to be fetched.
BUILD_TIMEOUT_S = 900


def build_kotlin() -> str:
    """The class path of the SDK and of what is tested with it."""
    maven = find_tool("mvn")
    assert (SDK / "gen").is_dir(), "The SDK's messages are missing. To fix: make kotlin"
    once_a_run("kotlin-package", lambda: package(maven))
    packages = (SDK / "target" / "classpath").read_text().strip()
    return f"{SDK / 'target' / 'test-classes'}:{SDK / 'target' / 'classes'}:{packages}"


def package(maven: Path) -> None:
    """Compiles, tests, and makes the jar."""
    write_readme(SDK / "target" / "readme" / "Readme.kt")
    built = subprocess.run(
        [maven, "-B", "-q", "package"], cwd=SDK, capture_output=True, text=True, check=False, timeout=BUILD_TIMEOUT_S
    )
    assert built.returncode == 0, built.stdout[-8000:] + built.stderr[-2000:]


def write_readme(target: Path) -> None:
    """The address is the first argument; imports come first."""
    lines = read_program(SDK / "README.md", "kotlin").replace('"127.0.0.1:8080"', "arguments[0]").splitlines()
    imports = [line for line in lines if line.startswith("import ")]
    program = ["    " + line for line in lines if not line.startswith("import ")]
    text = ["package tallystick.readme", *imports, "suspend fun main(arguments: Array<String>) {", *program, "}", ""]
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_text() != "\n".join(text):
        target.write_text("\n".join(text))
