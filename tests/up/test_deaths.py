"""kill -9 of everything that `up` runs, while clients write: no acknowledged write is lost or doubled."""

import os
import signal

import pytest

from people import BookOf
from up.stack import Stack
from up.writers import Writers, assert_each_is_there_once, eventually


@pytest.mark.parametrize("victim", ["server", "postgres", "envoy"])
async def test_what_is_killed_comes_back_and_every_acknowledged_write_is_there_once(
    stack: Stack, book: BookOf, victim: str
) -> None:
    async with Writers(book) as writers:
        await writers.wait_for_more()
        before = stack.children()
        assert len(before) == 4
        name = next(name for name in before if name.startswith(victim))
        os.kill(before[name], signal.SIGKILL)
        await eventually(lambda: stack.children().get(name, before[name]) != before[name], f"{name} is started again")
        await eventually(stack.is_whole, "everything runs again")
        await writers.wait_for_more()
    others = {other: pid for other, pid in stack.children().items() if other != name}
    assert others == {other: pid for other, pid in before.items() if other != name}
    await assert_each_is_there_once(book, writers.acknowledged)


async def test_kill_9_of_up_itself_leaves_no_process_and_no_loss(stack: Stack, book: BookOf) -> None:
    async with Writers(book) as writers:
        await writers.wait_for_more()
        os.kill(stack.pid, signal.SIGKILL)
        await eventually(lambda: not stack.list_processes(), "everything ends with its supervisor")
        await eventually(lambda: writers.tries_failed > 0, "writers notice")
        stack.start()
        await writers.wait_for_more()
    await assert_each_is_there_once(book, writers.acknowledged)


async def test_ctrl_c_under_load_ends_in_order_and_the_next_start_has_all_data(stack: Stack, book: BookOf) -> None:
    """As a terminal does it: the signal goes to the whole group."""
    async with Writers(book) as writers:
        await writers.wait_for_more()
        os.killpg(stack.pid, signal.SIGINT)
        await eventually(stack.has_ended, "`up` ends")
        assert stack.exit_code == 0
        assert stack.list_processes() == []
        stack.start()
        await writers.wait_for_more()
    await assert_each_is_there_once(book, writers.acknowledged)


async def test_a_second_up_on_the_same_data_is_refused_and_harms_nothing(stack: Stack, book: BookOf) -> None:
    config = stack.data_dir / "envoy.json"
    before = stack.children(), config.read_bytes()
    second_log = stack.place / "second.log"
    # On other ports, so that nothing but the data stands in its way.
    second = stack.launch(second_log, TALLYSTICK_HTTP_LISTEN="127.0.0.1:0", TALLYSTICK_LISTEN="127.0.0.1:0")
    async with Writers(book) as writers:
        await eventually(lambda: second.poll() is not None, "the second `up` ends")
        await writers.wait_for_more()
    assert second.returncode == 1
    assert str(stack.pid) in second_log.read_text()
    assert (stack.children(), config.read_bytes()) == before
    await assert_each_is_there_once(book, writers.acknowledged)


async def test_both_workers_take_calls(stack: Stack, book: BookOf) -> None:
    before = stack.count_calls("CreateTransaction")
    async with Writers(book) as writers:
        await writers.wait_for_more(60)
    after = stack.count_calls("CreateTransaction")
    taken = [later - earlier for earlier, later in zip(before, after, strict=True)]
    assert len(taken) == 2
    assert min(taken) >= 10
    assert sum(taken) >= len(writers.acknowledged)
