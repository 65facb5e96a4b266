"""How the supervisor judges: when it starts again, when it gives up, and how it ends what does not obey."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from runtime.probes import is_alive, list_processes_naming, until
from tallystick.runtime.children import Child, Program
from tallystick.runtime.errors import ChildGaveUp, ChildNotReady
from tallystick.runtime.supervisor import RestartPolicy, Supervisor

QUICK = RestartPolicy(first_delay_s=0.01, delay_max_s=0.02, deaths_max=3, stable_after_s=60)


def shell(name: str, script: str, place: Path, **fields: object) -> Program:
    """A child that is a shell; `place` in its words lets every test find what is left of it."""
    argv = ("/bin/sh", "-c", script, str(place))
    described: dict[str, object] = {
        "name": name,
        "argv": argv,
        "env": lambda: {"PATH": os.environ["PATH"]},
        **fields,
    }
    return Program(Child(**described))  # type: ignore[arg-type]  # a table of fields


def file_appears(path: Path) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        return os.access(path, os.F_OK)

    return ready


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


async def run_until(supervisor: Supervisor, happened: Callable[[], bool]) -> None:
    """Run, and ask for a stop once everything has started and something has happened."""
    ready = asyncio.Event()
    running = asyncio.create_task(supervisor.run(ready.set))
    deadline = time.monotonic() + 20
    while not (ready.is_set() and happened()):
        if running.done() or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.01)
    supervisor.request_stop()
    await running
    assert happened()


def test_a_stage_starts_only_when_the_one_before_is_ready_or_done(place: Path) -> None:
    diary = place / "diary"
    ready = place / "ready"
    first = shell(
        "first",
        f"sleep 0.2; echo first >> {diary}; touch {ready}; exec sleep 600",
        place,
        ready=file_appears(ready),
    )
    once = shell("once", f"sleep 0.2; echo once >> {diary}", place, runs_once=True)
    last = shell("last", f"echo last >> {diary}; exec sleep 600", place)
    supervisor = Supervisor([[first], [once], [last]])
    asyncio.run(run_until(supervisor, lambda: len(lines(diary)) == 3))
    assert lines(diary) == ["first", "once", "last"]


def test_a_child_that_dies_is_started_again_also_when_it_says_all_is_well(place: Path) -> None:
    diary = place / "diary"
    child = shell("child", f"echo run >> {diary}; [ $(wc -l < {diary}) -lt 3 ] && exit 0; exec sleep 600", place)
    asyncio.run(run_until(Supervisor([[child]], restart=QUICK), lambda: len(lines(diary)) == 3))


def test_a_child_that_keeps_dying_is_given_up_and_everything_is_stopped(place: Path) -> None:
    steady = shell("steady", "exec sleep 600", place)
    dying = shell("dying", "exit 7", place)
    with pytest.raises(ChildGaveUp) as failed:
        asyncio.run(Supervisor([[steady], [dying]], restart=QUICK).run())
    assert (failed.value.name, failed.value.exit_code, failed.value.deaths) == (
        "dying",
        7,
        QUICK.deaths_max + 1,
    )
    assert not is_alive(steady.pid)


def test_deaths_are_forgotten_after_a_calm_while(place: Path) -> None:
    diary = place / "diary"
    calm = RestartPolicy(first_delay_s=0.01, delay_max_s=0.01, deaths_max=1, stable_after_s=0.1)
    child = shell("child", f"echo run >> {diary}; sleep 0.6", place)
    asyncio.run(run_until(Supervisor([[child]], restart=calm), lambda: len(lines(diary)) == 3))


def test_the_delay_grows_up_to_its_limit() -> None:
    policy = RestartPolicy(first_delay_s=0.5, delay_max_s=3)
    assert [policy.delay_s(deaths) for deaths in (1, 2, 3, 4, 50)] == [0.5, 1, 2, 3, 3]


def test_a_failed_step_stops_everything_and_starts_nothing_more(place: Path) -> None:
    steady = shell("steady", "exec sleep 600", place)
    step = shell("migrate", "exit 3", place, runs_once=True)
    never = shell("never", f"touch {place}/never", place)
    with pytest.raises(ChildGaveUp) as failed:
        asyncio.run(Supervisor([[steady], [step], [never]]).run())
    assert (failed.value.name, failed.value.exit_code) == ("migrate", 3)
    assert not (place / "never").exists()
    assert not is_alive(steady.pid)


def test_a_child_that_does_not_become_ready_fails_and_is_ended(place: Path) -> None:
    child = shell("child", "exec sleep 600", place, ready=file_appears(place / "no"), ready_timeout_s=0.2)
    with pytest.raises(ChildNotReady) as failed:
        asyncio.run(Supervisor([[child]]).run())
    assert failed.value.exit_code is None


def test_a_readiness_check_that_hangs_is_a_child_that_is_not_ready(place: Path) -> None:
    async def hang() -> bool:
        await asyncio.sleep(600)
        return True

    child = shell("child", "exec sleep 600", place, ready=hang, ready_timeout_s=0.2)
    with pytest.raises(ChildNotReady):
        asyncio.run(Supervisor([[child]]).run())


def test_a_child_that_ends_before_it_is_ready_is_told_by_its_exit_code(place: Path) -> None:
    child = shell("child", "exit 5", place, ready=file_appears(place / "no"))
    with pytest.raises(ChildNotReady) as failed:
        asyncio.run(Supervisor([[child]]).run())
    assert failed.value.exit_code == 5


def test_an_absent_program_is_told_by_its_exit_code(place: Path) -> None:
    argv = (str(place / "absent"),)
    child = Program(Child(name="absent", argv=argv, env=dict, ready=file_appears(place / "no")))
    with pytest.raises(ChildNotReady) as failed:
        asyncio.run(Supervisor([[child]]).run())
    assert failed.value.exit_code == 127


def test_a_child_deaf_to_its_stop_signal_is_killed_with_its_whole_group(place: Path) -> None:
    started = place / "started"
    deaf = shell(
        "deaf",
        f"trap '' TERM; sleep 600 & touch {started}; while :; do sleep 600; done",
        place,
        ready=file_appears(started),
        stop_timeout_s=0.2,
    )
    asyncio.run(run_until(Supervisor([[deaf]]), started.exists))
    assert not is_alive(deaf.pid)


def test_grandchildren_end_with_the_child_that_left_them(place: Path) -> None:
    started = place / "started"
    script = f"sh -c 'exec sleep 600' {place} & echo $! > {place}/grandchild; touch {started}; wait"
    child = shell("child", script, place, ready=file_appears(started))
    asyncio.run(run_until(Supervisor([[child]]), started.exists))
    grandchild = int((place / "grandchild").read_text())
    until(lambda: not is_alive(grandchild), "the grandchild has ended")


def test_asking_twice_ends_at_once(place: Path) -> None:
    started = place / "started"
    deaf = shell(
        "deaf",
        f"trap '' TERM; touch {started}; while :; do sleep 600; done",
        place,
        ready=file_appears(started),
        stop_timeout_s=15,
    )

    async def scenario() -> None:
        supervisor = Supervisor([[deaf]])
        running = asyncio.create_task(supervisor.run())
        await asyncio.to_thread(until, started.exists, "the child runs")
        supervisor.request_stop()
        await asyncio.sleep(0.1)
        assert not running.done()
        supervisor.request_stop()
        await asyncio.wait_for(running, 5)

    asyncio.run(scenario())


def test_a_signal_during_the_start_stops_what_has_been_started(place: Path) -> None:
    steady = shell("steady", "exec sleep 600", place)
    slow = shell("slow", f"touch {place}/slow; exec sleep 600", place, ready=file_appears(place / "no"))
    never = shell("never", f"touch {place}/never", place)

    async def scenario() -> None:
        running = asyncio.create_task(Supervisor([[steady], [slow], [never]]).run())
        await asyncio.to_thread(until, (place / "slow").exists, "the slow child runs")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 5)

    asyncio.run(scenario())
    assert not list_processes_naming(str(place))
    assert not (place / "never").exists()


def test_a_child_is_drained_before_it_is_told_to_stop(place: Path) -> None:
    diary = place / "diary"

    async def drain() -> None:
        with diary.open("a") as file:
            file.write("drained\n")

    child = shell(
        "child",
        f"trap 'echo stopped >> {diary}; exit 0' TERM; touch {place}/up; while :; do sleep 0.05; done",
        place,
        ready=file_appears(place / "up"),
        drain=drain,
    )
    asyncio.run(run_until(Supervisor([[child]]), (place / "up").exists))
    assert lines(diary) == ["drained", "stopped"]


@pytest.mark.parametrize("kind", ["fails", "hangs"])
def test_a_drain_that_goes_wrong_does_not_keep_anything_running(place: Path, kind: str) -> None:
    async def drain() -> None:
        if kind == "fails":
            raise ConnectionError("no admin interface")
        await asyncio.sleep(600)

    child = shell("child", f"touch {place}/up; exec sleep 600", place, drain=drain, drain_timeout_s=0.2)
    asyncio.run(run_until(Supervisor([[child]]), (place / "up").exists))
    assert not is_alive(child.pid)


def test_a_stop_that_fails_does_not_keep_the_others_running(place: Path) -> None:
    class Stubborn(Program):
        async def stop(self) -> None:
            await super().stop()
            raise OSError("cannot remove a file")

    inner = shell("inner", "exec sleep 600", place)
    outer = Stubborn(shell("outer", f"touch {place}/up; exec sleep 600", place).child)
    with pytest.raises(ExceptionGroup):
        asyncio.run(run_until(Supervisor([[inner], [outer]]), (place / "up").exists))
    assert not is_alive(inner.pid)
