"""What does somebody have who begins? An empty project outside of ours, with one package of ours installed and what that asks for."""

import hashlib
import os
import pwd
import shutil
import site
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

from clients.app import compile_typescript
from clients.kotlin import BUILD_TIMEOUT_S as MAVEN_TIMEOUT_S
from clients.kotlin import SDK as KOTLIN
from clients.tools import GO_TIMEOUT_S, TOP, find_tool, run
from packages.building import MODULE, build_go
from tallystick import __version__

INSTALL_TIMEOUT_S = 300
# What a program in Node has beside the SDK, and what the SDK asks for.
_IN_NODE = ("@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-node", "@types/node")
_GO_MOD = "module example.com/app\n\ngo 1.26.0\n\nrequire {module} {version}\n"


def make_environment(folder: Path, wheel: Path) -> Path:
    """A Python of its own with the wheel. What the wheel asks for is that of this Python: the same would take minutes to install."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    options = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    words = [sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(wheel)]
    subprocess.run(words, check=True, timeout=INSTALL_TIMEOUT_S)
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "what_it_asks_for.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return python


def make_node_app(folder: Path, tarball: Path, sample: Path) -> Path:
    """A program in TypeScript, compiled against what npm has unpacked. Returns the script."""
    modules = TOP / "sdk" / "typescript" / "node_modules"
    named = ", ".join(f'"{name}": "file:{modules / name}"' for name in _IN_NODE)
    (folder / "package.json").write_text(
        f'{{"type": "module", "dependencies": {{"@tallystick/client": "file:{tarball}", {named}}}}}'
    )
    words = [str(find_tool("npm")), "install", "--offline", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(words, cwd=folder, check=True, timeout=INSTALL_TIMEOUT_S)
    assert not (folder / "node_modules" / "@tallystick" / "client").is_symlink()
    for source in sample.glob("*.ts"):
        shutil.copy(source, folder)
    compiled = compile_typescript(folder, TOP / "sdk" / "typescript", (folder / "node.ts").read_text())
    assert compiled.returncode == 0, compiled.stdout
    return folder / "program.js"


@contextmanager
def go_program(folder: Path, sample: Path) -> Iterator[Path]:
    """A program of a module of its own, which has the SDK from a proxy as the world has it. The version is one that nobody else has: what
    Go has once fetched it never fetches again."""
    sources = sorted((TOP / "sdk" / "go").rglob("*.go"))
    version = f"v{__version__}-test.{hashlib.sha256(b''.join(path.read_bytes() for path in sources)).hexdigest()[:12]}"
    proxy = build_go(folder / "proxy", version)
    app = folder / "app"
    shutil.copytree(sample, app)
    (app / "go.mod").write_text(_GO_MOD.format(module=MODULE, version=version))
    go = find_tool("go")
    environment = {
        **os.environ,
        "GOFLAGS": "-mod=mod",
        "GOWORK": "off",
        "GONOSUMDB": MODULE,
        "GOPROXY": f"{proxy.as_uri()},{run(go, 'env', 'GOPROXY').stdout.strip()}",
    }
    try:
        words = [str(go), "build", "-o", str(folder / "program"), "."]
        subprocess.run(words, cwd=app, env=environment, check=True, timeout=GO_TIMEOUT_S)
        yield folder / "program"
    finally:
        _forget(Path(run(go, "env", "GOMODCACHE").stdout.strip()), version)


def _forget(cache: Path, version: str) -> None:
    """Takes the version out of Go's own store, where it is read-only."""
    fetched = cache / f"{MODULE}@{version}"
    for path in [fetched, *fetched.rglob("*")]:
        if path.is_dir():
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
    shutil.rmtree(fetched, ignore_errors=True)
    for path in (cache / "cache" / "download" / MODULE / "@v").glob(f"{version}*"):
        path.unlink()


def make_kotlin_app(folder: Path, repository: Path, sample: Path) -> str:
    """A project of Maven with one dependency, compiled. Returns its class path."""
    (folder / "src").mkdir()
    for source in sample.glob("*.kt"):
        shutil.copy(source, folder / "src")
    pom = Path(__file__).with_name("pom.xml").read_text()
    for word, value in {
        "REPOSITORY": repository.as_uri(),
        "VERSION": __version__,
        "KOTLIN": _property("kotlin.version"),
        "SQLITE": _property("sqlite-jdbc.version"),
    }.items():
        pom = pom.replace(word, value)
    (folder / "pom.xml").write_text(pom)
    maven = [str(find_tool("mvn")), "-B", "-q", "-o", f"-Dmaven.repo.local={_store(folder)}"]
    words = [*maven, "-Daether.offline.protocols=file", "compile"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=MAVEN_TIMEOUT_S)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return f"{folder / 'target' / 'classes'}:{(folder / 'target' / 'classpath').read_text().strip()}"


def _store(folder: Path) -> Path:
    """What Maven has fetched so far, but nothing of ours: what is there is never fetched again."""
    store = folder / "repository"
    store.mkdir()
    # Where Java takes its user to be at home, whatever HOME says.
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    for group in (home / ".m2" / "repository").iterdir():
        if group.name != "tallystick":
            (store / group.name).symlink_to(group)
    return store


def _property(name: str) -> str:
    found = ET.parse(KOTLIN / "pom.xml").find(f".//{{*}}properties/{{*}}{name}")
    assert found is not None
    assert found.text
    return found.text
