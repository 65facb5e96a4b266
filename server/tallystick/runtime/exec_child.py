"""What happens between fork and exec of a child: another account, a death signal, then the program.

Run as a script by an isolated interpreter (`python -I -S exec_child.py SPEC ARGV...`), so it imports the
standard library only. A script and not `preexec_fn`, because that runs Python in a forked copy of a process
with threads.
"""

import ctypes
import json
import os
import sys

PR_SET_PDEATHSIG = 1
CANNOT_EXECUTE = 127
PARENT_IS_GONE = 126


def become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(signal_number: int, parent_pid: int) -> None:
    """Ask the kernel for a signal when the parent dies.

    After the change of account, because that clears it. The parent may have died before we asked: then nobody
    would ever send the signal, so look at once who our parent is.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent_pid:
        os._exit(PARENT_IS_GONE)


def find_obstacle(path: str) -> str | None:
    """The first part of the path that this account cannot pass through, or None."""
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        part = "/".join(parts[:depth]) or "/"
        if not os.path.isdir(part):  # noqa: PTH112  # pathlib would double the time of every start.
            return None if os.access(part, os.R_OK) else part
        if not os.access(part, os.X_OK):
            return part
    return None


def main() -> None:
    spec = json.loads(sys.argv[1])
    if spec["uid"] is not None:
        become(spec["uid"], spec["gid"])
    if spec["reach"] is not None:
        sys.stdout.write(json.dumps([find_obstacle(path) for path in spec["reach"]]))
        return
    os.umask(spec["umask"])
    os.chdir(spec["cwd"])
    die_with_parent(spec["death_signal"], spec["parent_pid"])
    argv = sys.argv[2:]
    try:
        os.execv(argv[0], argv)  # noqa: S606  # No shell between us and the pid that is supervised.
    except OSError as refused:
        sys.stderr.write(f"cannot execute {argv[0]}: {refused.strerror}\n")
        sys.stderr.flush()
        os._exit(CANNOT_EXECUTE)


if __name__ == "__main__":
    main()
