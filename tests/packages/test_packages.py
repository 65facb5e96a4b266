"""Does each package work in an empty project, as whoever begins has one? Its sample tells the story there, to a server from a wheel."""

import zipfile
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

from clients.tools import TOP, run
from packages.building import build_maven, build_python, build_typescript
from packages.conftest import InstalledStack
from packages.empty import go_program, make_environment, make_kotlin_app, make_node_app
from tallystick import __version__

SDK = TOP / "sdk"
STORY_TIMEOUT_S = 150.0
STORY = (SDK / "story.txt").read_text()


def new_email() -> str:
    return f"packaged-{uuid4().hex[:12]}@example.com"


def told_by(*words: str | Path, within: Path) -> str:
    """What a program says that has nothing of ours but what it installed."""
    done = run(*words, within=within, within_s=STORY_TIMEOUT_S, PYTHONPATH="")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_server_s_wheel_brings_all_that_it_needs(stack: InstalledStack) -> None:
    where = "import tallystick; print(tallystick.__version__, tallystick.__file__)"
    version, place = told_by(stack.python, "-c", where, within=stack.place).split()
    assert version == __version__
    assert Path(place).is_relative_to(stack.place)
    assert "migrate" in told_by(*stack.program, "--help", within=stack.place)
    # It has migrated its database, and Envoy serves the page and the documentation.
    for place in ("/", "/docs/"):
        with urlopen(stack.url + place) as page:
            assert page.headers["content-type"].startswith("text/html")


def test_the_python_wheel_tells_the_story(stack: InstalledStack, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "python", build_python(tmp_path))
    story = SDK / "python" / "sample" / "story.py"
    assert told_by(python, story, stack.address, new_email(), within=tmp_path) == STORY


def test_the_npm_package_tells_the_story(stack: InstalledStack, tmp_path: Path) -> None:
    program = make_node_app(tmp_path, build_typescript(tmp_path), SDK / "typescript" / "sample")
    assert told_by("node", program, stack.url, new_email(), within=tmp_path) == STORY


def test_the_go_module_tells_the_story(stack: InstalledStack, tmp_path: Path) -> None:
    with go_program(tmp_path, SDK / "go" / "sample") as program:
        assert told_by(program, stack.address, new_email(), within=tmp_path) == STORY


def test_the_maven_artifact_tells_the_story(stack: InstalledStack, tmp_path: Path) -> None:
    repository = build_maven(tmp_path / "packages")
    [jar] = repository.rglob("*.jar")
    with zipfile.ZipFile(jar) as files:
        assert {"META-INF/LICENSE", "META-INF/proguard/tallystick-client.pro"} <= set(files.namelist())
    class_path = make_kotlin_app(tmp_path, repository, SDK / "kotlin" / "sample")
    words = ("java", "-cp", class_path, "tallystick.sample.SampleKt", stack.address, new_email())
    assert told_by(*words, within=tmp_path) == STORY
