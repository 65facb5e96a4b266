"""How large is each SDK as it is shipped? What a browser downloads, what a jar is after shrinking, and what a program in Go grows by."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

from bench.figures import Figure
from clients.tools import BUILT, GO_TIMEOUT_S, build_sdk, find_tool

# A tool, and no part of anything that we ship: it is fetched here alone (server/docs/dependencies.md).
PROGUARD = "com.guardsquare:proguard-base:7.7.0"
MAVEN_TIMEOUT_S = 600
EMPTY_PROGRAM = "package main\n\nfunc main() {}\n"
BUNDLE = re.compile(r"^(?P<app>.+?) +[\d.]+ kB minified +(?P<kilobytes>[\d.]+) kB gzipped$", re.MULTILINE)
# What an app with this class as its own keeps; the jar says what it needs itself.
RULES_OF_THE_JAR = "META-INF/proguard/tallystick-client.pro"
RULES = """
-injars {app}
-injars {sdk}
{libraries}
-libraryjars {java}/jmods/java.base.jmod(!**.jar;!module-info.class)
-outjars {target}
-keep class tallystick.caller.CallerKt {{ public static void main(java.lang.String[]); }}
{rules}
-dontobfuscate
-dontoptimize
-dontwarn **
-dontnote **
-ignorewarnings
"""


def measure(folder: Path) -> list[Figure]:
    """`folder`: where the packages were built, and the programs that use them."""
    return [*_wheel(folder), *_bundles(), *_jars(folder), _go(folder)]


def _kilobytes(name: str, size: float) -> Figure:
    return Figure(name, size / 1000, "kB")


def _wheel(folder: Path) -> list[Figure]:
    [wheel] = (folder / "packages").glob("*.whl")
    return [_kilobytes("sdk_python_wheel", wheel.stat().st_size)]


def _bundles() -> list[Figure]:
    """By the SDK's own tool."""
    sdk = build_sdk("build:test")
    words = [str(find_tool("node")), "dist/test/size.js"]
    said = subprocess.run(words, cwd=sdk, check=True, capture_output=True, text=True).stdout
    found = {each["app"]: float(each["kilobytes"]) for each in BUNDLE.finditer(said)}
    return [Figure(f"sdk_browser_{app.replace(' ', '_')}_gzip", size, "kB") for app, size in found.items()]


def _jars(folder: Path) -> list[Figure]:
    """The jar, and what is left of it in an app that signs in, where ProGuard takes out what nobody calls."""
    [jar] = (folder / "packages" / "maven").rglob("*.jar")
    whole = _kilobytes("sdk_kotlin_jar", jar.stat().st_size)
    proguard = BUILT / "proguard"
    if not proguard.is_dir():
        _fetch_proguard(proguard)
    app = folder / "kotlin"
    paths = (app / "target" / "classpath").read_text().strip().split(":")
    others = [path for path in paths if "tallystick-client" not in path]
    target = app / "shrunk.jar"
    java = Path(find_tool("java")).resolve().parents[1]
    rules = RULES.format(
        app=app / "target" / "classes",
        sdk=jar,
        rules=zipfile.ZipFile(jar).read(RULES_OF_THE_JAR).decode(),
        libraries="\n".join(f"-libraryjars {path}" for path in others),
        java=java,
        target=target,
    )
    (app / "rules.pro").write_text(rules)
    words = [str(find_tool("java")), "-cp", f"{proguard}/*", "proguard.ProGuard", f"@{app / 'rules.pro'}"]
    subprocess.run(words, check=True, capture_output=True, timeout=MAVEN_TIMEOUT_S)
    return [whole, _kilobytes("sdk_kotlin_jar_shrunk", target.stat().st_size)]


def _fetch_proguard(target: Path) -> None:
    """With what it asks for itself."""
    group, name, version = PROGUARD.split(":")
    project = target.with_suffix(".pom")
    project.write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>bench</groupId><artifactId>bench</artifactId><version>1</version>"
        f"<dependencies><dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>"
        "</dependencies></project>"
    )
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
    words = [str(find_tool("mvn")), "-B", "-q", "-f", str(project), goal, f"-DoutputDirectory={target}"]
    subprocess.run(words, check=True, timeout=MAVEN_TIMEOUT_S)


def _go(folder: Path) -> Figure:
    """What a program that signs in has more than one that does nothing. With what the SDK asks for itself."""
    empty, ours = folder / "empty.go", folder / "go" / "app"
    empty.write_text(EMPTY_PROGRAM)
    sizes = [_linked(source, within) for source, within in ((str(empty), folder), (".", ours))]
    return _kilobytes("sdk_go_program_grows_by", sizes[1] - sizes[0])


def _linked(source: str, within: Path) -> int:
    program = within / "linked"
    words = [str(find_tool("go")), "build", "-ldflags=-s -w", "-trimpath", "-o", str(program), source]
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOWORK": "off"}
    subprocess.run(words, cwd=within, env=environment, check=True, timeout=GO_TIMEOUT_S)
    return program.stat().st_size
