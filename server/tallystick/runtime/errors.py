"""What can go wrong while Tallystick runs its own programs.

RuntimeFailure
├── DataDirectoryInUse        another process holds the data directory
├── DataDirectoryForeign      the cluster belongs to an account we cannot act for
├── WrongPostgresVersion      the cluster was made by another major version
├── PathNotReachable          the account that runs PostgreSQL cannot get to a path
├── AccountMissing            no account to run PostgreSQL as
├── ProgramMissing            an executable is absent or may not be executed
├── ProtectedSetting          a setting that Tallystick never gives up was overridden
├── PostgresDidNotStart       PostgreSQL ended, or did not answer in time
├── PlaintextOffLoopback      Envoy was told to serve plaintext to the network
├── ConfigurationRefused      Envoy rejects its configuration
├── ChildNotReady             a child did not become ready in time, or ended before
└── ChildGaveUp               a child failed, or died more often than is worth a restart
"""

from pathlib import Path


class RuntimeFailure(Exception):  # Its members say what happened, as in PathNotReachable.
    """Any failure to run one of our own programs; its text says what to do."""


class DataDirectoryInUse(RuntimeFailure):
    def __init__(self, data_dir: Path, holder_pid: int | None) -> None:
        self.data_dir = data_dir
        self.holder_pid = holder_pid
        holder = "another process" if holder_pid is None else f"process {holder_pid}"
        super().__init__(f"{data_dir} is in use by {holder}. Stop it first, or choose another data directory.")


class DataDirectoryForeign(RuntimeFailure):
    def __init__(self, path: Path, owner: str, wanted: str) -> None:
        self.path = path
        self.owner = owner
        self.wanted = wanted
        super().__init__(
            f"{path} belongs to {owner}, but PostgreSQL would run as {wanted}. "
            f"Start as {owner} or as root, or choose another data directory."
        )


class WrongPostgresVersion(RuntimeFailure):
    def __init__(self, cluster_dir: Path, found: str, expected: str) -> None:
        self.found = found
        self.expected = expected
        super().__init__(
            f"{cluster_dir} was made by PostgreSQL {found}; these programs are PostgreSQL {expected}. "
            f"Back up with the version that made it, then restore into a new data directory."
        )


class PathNotReachable(RuntimeFailure):
    def __init__(self, path: Path, blocked_at: Path, account: str) -> None:
        self.path = path
        self.blocked_at = blocked_at
        self.account = account
        super().__init__(
            f"PostgreSQL refuses to run as root, so it runs as {account}, who cannot get to {path}: "
            f"{blocked_at} is closed to that account. Choose a path outside of it "
            f"(such as /var/lib/tallystick), open it yourself (chmod o+x {blocked_at}), "
            f"or start Tallystick as an ordinary user."
        )


class AccountMissing(RuntimeFailure):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(
            f"PostgreSQL refuses to run as root, and none of the accounts {', '.join(names)} exists here "
            f"(root itself does not count). Name an ordinary one in TALLYSTICK_POSTGRES_USER."
        )


class ProgramMissing(RuntimeFailure):
    def __init__(self, program: Path, setting: str) -> None:
        self.program = program
        self.setting = setting
        super().__init__(f"{program} is missing or may not be executed. Install it, or set {setting}.")


class ProtectedSetting(RuntimeFailure):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(f"These PostgreSQL settings are fixed and cannot be overridden: {', '.join(names)}.")


class PostgresDidNotStart(RuntimeFailure):
    def __init__(self, what: str, *, exit_code: int | None, log_tail: str) -> None:
        self.exit_code = exit_code
        self.log_tail = log_tail
        super().__init__(f"{what}\n{log_tail}".rstrip())


class PlaintextOffLoopback(RuntimeFailure):
    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(
            f"Refusing to serve plaintext on {address}. Give a TLS certificate and key, or listen on 127.0.0.1."
        )


class ConfigurationRefused(RuntimeFailure):
    pass


class ChildNotReady(RuntimeFailure):
    def __init__(self, name: str, *, exit_code: int | None, timeout_s: float) -> None:
        self.name = name
        self.exit_code = exit_code
        why = f"ended with {exit_code}" if exit_code is not None else f"was not ready after {timeout_s:g} s"
        super().__init__(f"{name} {why}.")


class ChildGaveUp(RuntimeFailure):
    def __init__(self, name: str, *, exit_code: int | None, deaths: int) -> None:
        self.name = name
        self.exit_code = exit_code
        self.deaths = deaths
        super().__init__(f"{name} failed {deaths} time(s) in a row, last with {exit_code}; giving up.")
