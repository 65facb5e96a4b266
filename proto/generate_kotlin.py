"""How does the contract become Kotlin? `make` runs this: messages, stubs, and which calls need nobody signed in, into sdk/kotlin/gen.

The generators are Maven packages whose versions sdk/kotlin/pom.xml has; Maven checks their sums and puts them into .build/kotlin.
"""

import re
import subprocess
from importlib import import_module
from pathlib import Path

from tallystick_client.v1 import options_pb2

PROTO = Path(__file__).resolve().parent
TOP = PROTO.parent
SDK = TOP / "sdk" / "kotlin"
TOOLS = TOP / ".build" / "kotlin"
STUBS = SDK / "gen" / "kotlin" / "tallystick" / "v1"

# Generated stubs call through the SDK, which carries tokens, repeats calls and reads errors.
THEIRS = "import io.grpc.kotlin.ClientCalls."
OURS = "import tallystick.client."

# What a server would extend comes last, and is half of each file. No app is one.
SERVERS_PART = re.compile(r"\n  /\*\*\n   \* Skeletal implementation of .*", re.DOTALL)

PUBLIC_CALLS = """package tallystick.client

/** Calls that nobody needs to be signed in for. */
internal val PUBLIC_CALLS: Set<String> =
    setOf(
{names}
    )
"""


def main() -> None:
    fetch_generators()
    subprocess.run(["buf", "generate", "--template", PROTO / "buf.gen.kotlin.yaml"], cwd=TOP, check=True)
    for stub in STUBS.glob("*GrpcKt.kt"):
        text, cut = SERVERS_PART.subn("}\n", stub.read_text())
        if THEIRS not in text or not cut:
            raise SystemExit(f"{stub.name} is written in another way than it used to be: see {Path(__file__).name}")
        stub.write_text(text.replace(THEIRS, OURS))
    names = "\n".join(f'        "{name}",' for name in list_public_calls())
    target = SDK / "gen" / "kotlin" / "tallystick" / "client" / "PublicCalls.kt"
    target.parent.mkdir(parents=True)
    target.write_text(PUBLIC_CALLS.format(names=names))


def fetch_generators() -> None:
    pom = SDK / "pom.xml"
    fetched = TOOLS / "fetched"
    if fetched.exists() and fetched.stat().st_mtime > pom.stat().st_mtime:
        return
    # -C: a package whose sum is wrong fails.
    subprocess.run(["mvn", "-B", "-q", "-C", "-f", pom, "dependency:copy@generators"], check=True)
    for tool in TOOLS.iterdir():
        tool.chmod(0o755)
    fetched.touch()


def list_public_calls() -> list[str]:
    """As gRPC writes them: `tallystick.v1.AuthService/Login`."""
    modules = [
        import_module(f"tallystick_client.v1.{path.stem}_pb2") for path in sorted(PROTO.rglob("*_service.proto"))
    ]
    return [
        f"{service.full_name}/{method.name}"
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if method.GetOptions().Extensions[options_pb2.access].caller == options_pb2.CallerLevel.CALLER_LEVEL_PUBLIC
    ]


if __name__ == "__main__":
    main()
