"""How does the contract become Kotlin? `make` runs this: messages, stubs, which calls need nobody signed in, and what messages of
protobuf-lite do not know of themselves, into sdk/kotlin/gen.

The generators are Maven packages whose versions sdk/kotlin/pom.xml has; Maven checks their sums and puts them into .build/kotlin.
"""

import re
import subprocess
from importlib import import_module
from pathlib import Path

from google.protobuf.descriptor import Descriptor

from tallystick_client.v1 import group_expenses_pb2, ledger_pb2, options_pb2, sync_mutation_pb2, sync_pb2

PROTO = Path(__file__).resolve().parent
TOP = PROTO.parent
SDK = TOP / "sdk" / "kotlin"
TOOLS = TOP / ".build" / "kotlin"
STUBS = SDK / "gen" / "kotlin" / "tallystick" / "v1"
CLIENT = SDK / "gen" / "kotlin" / "tallystick" / "client"

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

CONTRACT = """/** What do commands and entities look like, for those who cannot ask the messages? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.v1.*

/** The fields of commands, of entities, and of what is in them that changes field by field: each name with its number. */
internal val FIELDS: Map<Class<out MessageLite>, String> =
    mapOf(
{fields}
    )

/** What a mutation does. Null for a command that this version does not know. */
internal fun commandIn(mutation: Mutation): MessageLite? =
    when (mutation.commandCase) {{
{gets}
        else -> null
    }}

/** A mutation that does what a command says. */
internal fun Mutation.Builder.putCommand(command: MessageLite): Mutation.Builder =
    when (command) {{
{sets}
        else -> throw IllegalArgumentException("${{command.javaClass.simpleName}} cannot wait in an outbox")
    }}
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
    (CLIENT / "offline").mkdir(parents=True)
    (CLIENT / "PublicCalls.kt").write_text(PUBLIC_CALLS.format(names=names))
    (CLIENT / "offline" / "Contract.kt").write_text(describe_contract())


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


def describe_contract() -> str:
    commands = sync_mutation_pb2.Mutation.DESCRIPTOR.oneofs_by_name["command"].fields
    entities = sync_pb2.Entity.DESCRIPTOR.oneofs_by_name["kind"].fields
    drafts = [ledger_pb2.TransactionDraft.DESCRIPTOR, group_expenses_pb2.ExpenseDraft.DESCRIPTOR]
    described = [*(field.message_type for field in (*commands, *entities)), *drafts]
    return CONTRACT.format(
        fields="\n".join(f'        {each.name}::class.java to "{_fields_of(each)}",' for each in described),
        gets="\n".join(
            f"        Mutation.CommandCase.{each.name.upper()} -> mutation.{each.camelcase_name}" for each in commands
        ),
        sets="\n".join(
            f"        is {each.message_type.name} -> set{each.camelcase_name[0].upper()}{each.camelcase_name[1:]}(command)"
            for each in commands
        ),
    )


def _fields_of(message: Descriptor) -> str:
    return " ".join(f"{field.name}:{field.number}" for field in message.fields)


if __name__ == "__main__":
    main()
