"""`_asyncio.Task`: steps, cancellation, names, contexts, eager starts, and what belongs to the running loop."""

import _asyncio
import asyncio
import contextvars
import gc
import threading


def failure(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return None


async def outcome(awaitable):
    try:
        return await awaitable
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


assert asyncio.Task is _asyncio.Task and issubclass(asyncio.Task, _asyncio.Future)
assert failure(asyncio.get_running_loop) == "RuntimeError: no running event loop"
assert failure(asyncio.current_task) == failure(asyncio.all_tasks) == "RuntimeError: no running event loop"
assert _asyncio._get_running_loop() is None


async def double(number):
    await asyncio.sleep(0)
    return 2 * number


async def results():
    tasks = [asyncio.create_task(double(number)) for number in range(300)]
    assert len(asyncio.all_tasks()) == 301
    assert [await task for task in tasks] == [2 * number for number in range(300)]
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert sum(await asyncio.gather(*map(double, range(300)))) == 2 * sum(range(300))

    async def fails():
        await asyncio.sleep(0)
        raise KeyError(1)

    task = asyncio.create_task(fails())
    assert await outcome(task) == "KeyError: 1"
    assert type(task.exception()) is KeyError and failure(task.result) == "KeyError: 1"
    assert failure(task.set_result, 1) == "RuntimeError: Task does not support set_result operation"
    assert failure(task.set_exception, 1) == "RuntimeError: Task does not support set_exception operation"
    loop = asyncio.get_running_loop()
    assert failure(_asyncio.Task, 1, loop=loop) == "TypeError: a coroutine was expected, got 1"
    assert failure(_asyncio.Task) == "TypeError: Task() missing required argument 'coro' (pos 1)"
    assert str(_asyncio.Task[int]) == "_asyncio.Task[int]"


async def names():
    task = asyncio.create_task(double(1), name=5)
    assert task.get_name() == "5"
    task.set_name(None)
    assert task.get_name() == "None"
    await task
    first, second = asyncio.create_task(double(1)), asyncio.create_task(double(2))
    numbers = [int(task.get_name().removeprefix("Task-")) for task in (first, second)]
    assert numbers[1] == numbers[0] + 1
    assert "coro=<double() running at" in repr(first), repr(first)
    await first, await second
    assert repr(second).endswith("result=4>")
    assert second.get_coro().__name__ == "double" and second.get_stack() == []


async def cancelling():
    loop = asyncio.get_running_loop()
    log = []

    async def sleeper(stubborn=0):
        for _ in range(stubborn):
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError as error:
                log.append(error.args)
        await asyncio.sleep(100)

    task = asyncio.create_task(sleeper())
    # Before its first step.
    assert task.cancel("early") and task._must_cancel and task.cancelling() == 1
    assert await outcome(task) == "CancelledError: early"
    assert task.cancelled() and not task.cancel() and task.cancelling() == 1

    task = asyncio.create_task(sleeper(2))
    await asyncio.sleep(0)
    assert task._fut_waiter is not None
    for number in range(2):
        assert task.cancel(number) and not task._must_cancel
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert task.cancelling() == 2 and log == [(0,), (1,)], log
    assert task.uncancel() == 1 and task.uncancel() == 0 and task.uncancel() == 0
    task.cancel()
    assert await outcome(task) == "CancelledError: "

    # A task that waits for a task.
    async def waits(inner):
        return await inner

    inner = asyncio.create_task(sleeper(1))
    outer = asyncio.create_task(waits(inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert outer._fut_waiter is inner and inner._asyncio_awaited_by == {outer}
    outer.cancel("through")
    await asyncio.sleep(0)
    assert log[-1] == ("through",) and not outer.done() and inner.cancelling() == 1
    outer.cancel("again")
    assert await outcome(outer) == "CancelledError: again"
    assert inner.cancelled() and inner._asyncio_awaited_by is None

    # Cancelled right before the coroutine ends.
    async def ends():
        asyncio.current_task().cancel("late")
        return 1

    assert await outcome(asyncio.create_task(ends())) == "CancelledError: late"
    async with asyncio.timeout(10) as scope:
        assert await double(4) == 8
    assert not scope.expired()
    try:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(10)
    except TimeoutError:
        log.append("timeout")
    assert log[-1] == "timeout" and asyncio.current_task().cancelling() == 0


async def wrong_yields():
    class Yields:
        def __init__(self, value):
            self.value = value

        def __await__(self):
            yield self.value

    async def waits(value):
        await Yields(value)

    loop = asyncio.get_running_loop()
    assert await outcome(asyncio.create_task(waits(1))) == "RuntimeError: Task got bad yield: 1"
    text = await outcome(asyncio.create_task(waits(item for item in []), name="N"))
    assert text.startswith("RuntimeError: yield was used instead of yield from for generator in task <Task pending name='N'")
    text = await outcome(asyncio.create_task(waits(loop.create_future()), name="N"))
    assert text.startswith("RuntimeError: yield was used instead of yield from in task <Task pending name='N'")
    assert text.endswith("with <Future pending>")

    async def itself():
        await asyncio.current_task()

    text = await outcome(asyncio.create_task(itself(), name="N"))
    assert text.startswith("RuntimeError: Task cannot await on itself: <Task pending name='N'")
    other = asyncio.new_event_loop()

    async def elsewhere():
        await other.create_future()

    text = await outcome(asyncio.create_task(elsewhere(), name="N"))
    assert text.endswith("got Future <Future pending> attached to a different loop"), text
    other.close()


async def contexts():
    variable = contextvars.ContextVar("variable", default="outside")

    async def sets(value):
        assert variable.get() == "outside"
        variable.set(value)
        await asyncio.sleep(0)
        assert variable.get() == value
        return contextvars.copy_context()

    context = contextvars.copy_context()
    task = asyncio.create_task(sets(1), context=context)
    assert task.get_context() is context
    await task
    assert context[variable] == 1 and variable.get() == "outside"
    task = asyncio.create_task(sets(2))
    await task
    assert task.get_context()[variable] == 2 and variable.get() == "outside"


async def eager():
    loop = asyncio.get_running_loop()
    steps = []

    async def short():
        steps.append(asyncio.current_task().get_name())
        return 3

    async def long():
        steps.append(asyncio.current_task() in asyncio.all_tasks())
        await asyncio.sleep(0)
        steps.append("end")

    async def fails():
        raise ValueError("eager")

    main = asyncio.current_task()
    task = _asyncio.Task(short(), loop=loop, name="E", eager_start=True)
    assert task.done() and task.result() == 3 and steps == ["E"] and task.get_coro() is None
    task = _asyncio.Task(long(), loop=loop, eager_start=True)
    assert not task.done() and steps == ["E", True] and asyncio.current_task() is main
    await task
    assert steps[-1] == "end"
    task = _asyncio.Task(fails(), loop=loop, eager_start=True)
    assert task.done() and failure(task.result) == "ValueError: eager"
    loop.set_task_factory(asyncio.eager_task_factory)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(double(number)) for number in range(50)]
    assert [task.result() for task in tasks] == [2 * number for number in range(50)]
    loop.set_task_factory(None)


async def running():
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()
    assert _asyncio._get_running_loop() is loop is asyncio.get_event_loop()
    assert failure(_asyncio._enter_task, 1, 2) == "RuntimeError: loop 1 is not the running loop"
    assert failure(_asyncio._leave_task, loop=1, task=2) == "RuntimeError: loop 1 is not the running loop"
    assert failure(_asyncio._enter_task, loop, 2).startswith(
        "RuntimeError: Cannot enter into task 2 while another task <Task pending name="
    )
    assert failure(_asyncio._leave_task, loop, 2).startswith("RuntimeError: Invalid attempt to leave task 2 while task <Task")
    assert _asyncio._swap_current_task(loop, None) is main and asyncio.current_task() is None
    assert _asyncio._swap_current_task(loop, main) is None
    assert asyncio.current_task(1) is None and asyncio.all_tasks(1) == set()

    seen = []

    def look():
        seen.append((_asyncio._get_running_loop(), asyncio.current_task(loop), asyncio.all_tasks(loop) == {main}))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [(None, main, True)], seen


class Foreign:
    """A task of a program's own."""

    def __init__(self, loop):
        self._loop = loop
        self.ended = False

    def done(self):
        return self.ended


async def registered():
    loop = asyncio.get_running_loop()
    foreign = Foreign(loop)
    _asyncio._register_task(foreign)
    assert foreign in asyncio.all_tasks() and foreign not in asyncio.all_tasks(1)
    _asyncio._unregister_task(foreign)
    assert foreign not in asyncio.all_tasks()
    _asyncio._register_eager_task(task=foreign)
    assert foreign in asyncio.all_tasks()
    foreign.ended = True
    assert foreign not in asyncio.all_tasks()
    _asyncio._unregister_eager_task(task=foreign)
    main = asyncio.current_task()
    _asyncio._unregister_task(main)
    assert asyncio.all_tasks() == set()
    _asyncio._register_task(main)
    assert asyncio.all_tasks() == {main}
    future = loop.create_future()
    _asyncio.future_add_to_awaited_by(future, main)
    assert future._asyncio_awaited_by == frozenset({main})
    second = loop.create_future()
    _asyncio.future_add_to_awaited_by(future, second)
    _asyncio.future_add_to_awaited_by(1, second)
    assert future._asyncio_awaited_by == frozenset({main, second})
    _asyncio.future_discard_from_awaited_by(future, main)
    assert future._asyncio_awaited_by == frozenset({second})


async def destroyed():
    loop = asyncio.get_running_loop()
    reports = []
    loop.set_exception_handler(lambda loop, context: reports.append((context["message"], type(context["task"]))))

    async def waits(future):
        await future

    async def leave():
        for _ in range(10):
            asyncio.create_task(waits(loop.create_future()))
        await asyncio.sleep(0)

    await asyncio.create_task(leave())
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    # Some may be seen in registers or on the native stack still.
    assert len(reports) >= 6, reports
    for report in reports:
        assert report == ("Task was destroyed but it is pending!", asyncio.Task)
    loop.set_exception_handler(None)


class Derived(asyncio.Task):
    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.label = "mine"

    def result(self):
        return super().result() + 1


async def subclass():
    task = Derived(double(1), loop=asyncio.get_running_loop(), name="D")
    assert task in asyncio.all_tasks() and task.label == "mine"
    assert await asyncio.wait_for(task, 10) in (2, 3) and task.result() == 3
    assert repr(task).startswith("<Derived finished name='D'")

    class Coroutine:
        """Behaves like a coroutine."""

        def __init__(self):
            self.steps = 0

        def send(self, value):
            assert value is None
            self.steps += 1
            if self.steps == 3:
                raise StopIteration(9)

        def throw(self, *error):
            raise StopIteration("thrown")

        def close(self):
            pass

        def __await__(self):
            return self

    import collections.abc

    collections.abc.Coroutine.register(Coroutine)
    assert await asyncio.create_task(Coroutine()) == 9
    task = asyncio.create_task(Coroutine())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "thrown"


async def step_object():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(double(1))
    step = loop._ready[-1]._callback
    assert type(step).__name__ == "TaskStepMethWrapper" and step.__self__ is task
    assert failure(step, 1) == "TypeError: function takes no positional arguments"
    assert failure(step, a=1) == "TypeError: function takes no keyword arguments"
    future = loop.create_future()

    async def waits():
        return await future

    waiting = asyncio.create_task(waits())
    await asyncio.sleep(0)
    wakeup = future._callbacks[0][0]
    assert wakeup.__qualname__ == "Task.task_wakeup" and wakeup.__self__ is waiting
    assert repr(future) == "<Future pending cb=[Task.task_wakeup()]>", repr(future)
    future.set_result(8)
    assert await waiting == 8 and await task == 2


for part in (
    results, names, cancelling, wrong_yields, contexts, eager, running, registered, destroyed, subclass, step_object
):
    asyncio.run(part())
