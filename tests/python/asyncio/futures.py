"""`_asyncio.Future`: states, results, callbacks, and the iterator that `await` steps."""

import _asyncio
import asyncio
import contextvars
import gc


def failure(function, *arguments):
    try:
        function(*arguments)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return None


assert asyncio.Future is _asyncio.Future
assert asyncio.Future.__module__ == "_asyncio"


def fresh():
    future = _asyncio.Future.__new__(_asyncio.Future)
    alive = "RuntimeError: Future object is not initialized."
    for name in ("_state", "_callbacks", "_result", "_exception", "_log_traceback"):
        assert failure(getattr, future, name) == alive, name
    for call in (future.cancel, future.get_loop, future.__await__, lambda: future.set_result(1)):
        assert failure(call) == alive
    for call in (future.result, future.exception):
        assert failure(call) == "InvalidStateError: Future object is not initialized."
    assert failure(future.add_done_callback, print) == "RuntimeError: uninitialized Future object"
    assert not future.done() and not future.cancelled()
    assert future._loop is None and future._cancel_message is None and future._source_traceback is None
    assert future._asyncio_future_blocking is False and future._asyncio_awaited_by is None
    assert failure(_asyncio.Future, 1) == "TypeError: Future() takes no positional arguments"


fresh()


async def states():
    loop = asyncio.get_running_loop()
    for turn in range(3):
        future = loop.create_future()
        assert future.get_loop() is loop and future._state == "PENDING"
        assert failure(future.result) == "InvalidStateError: Result is not set."
        assert failure(future.exception) == "InvalidStateError: Exception is not set."
        future.set_result(turn)
        assert future.done() and future.result() == turn and future.exception() is None
        assert future._result == turn and future._exception is None and future._state == "FINISHED"
        assert failure(future.set_result, 1) == "InvalidStateError: invalid state"
        assert failure(future.set_exception, ValueError) == "InvalidStateError: invalid state"
        assert not future.cancel()
        assert await future == turn

        future = loop.create_future()
        future.set_exception(ValueError)
        assert type(future.exception()) is ValueError and future._result is None
        assert failure(future.result) == "ValueError: "
        future = loop.create_future()
        assert failure(future.set_exception, 1) == "TypeError: invalid exception object"
        stop = StopIteration(3)
        future.set_exception(stop)
        error = future.exception()
        assert type(error) is RuntimeError and error.__cause__ is stop and error.__context__ is stop

        future = loop.create_future()
        assert future.cancel("why") and future.cancelled() and future._state == "CANCELLED"
        assert failure(future.result) == failure(future.exception) == "CancelledError: why"
        assert future._make_cancelled_error().args == ("why",)
        assert future._cancel_message == "why"
    future.extra = turn
    assert future.extra == turn


async def attributes():
    future = asyncio.get_running_loop().create_future()
    message = "AttributeError: attribute '{}' of '_asyncio.Future' objects {}"
    for name in ("_state", "_loop", "_result", "_exception", "_callbacks", "_source_traceback"):
        assert failure(setattr, future, name, 1) == message.format(name, "is not writable")
    for name in ("_log_traceback", "_cancel_message", "_asyncio_future_blocking"):
        assert failure(delattr, future, name) == message.format(name, "cannot be deleted")
    assert failure(setattr, future, "_log_traceback", True) == "ValueError: _log_traceback can only be set to False"
    future._log_traceback = False
    future._cancel_message = 5
    future._asyncio_future_blocking = 1
    assert future._cancel_message == 5 and future._asyncio_future_blocking is True
    assert str(_asyncio.Future[int]) == "_asyncio.Future[int]"
    assert repr(future) == "<Future pending>"
    future.set_result(2)
    assert repr(future) == "<Future finished result=2>"


async def callbacks():
    loop = asyncio.get_running_loop()
    variable = contextvars.ContextVar("variable", default=0)
    seen = []
    future = loop.create_future()
    assert future._callbacks is None

    def note(done):
        assert done is future
        seen.append(variable.get())

    def other(done):
        seen.append("other")

    for number in range(4):
        variable.set(number)
        future.add_done_callback(note)
    future.add_done_callback(other)
    future.add_done_callback(note, context=contextvars.Context())
    shown = future._callbacks
    assert [callback for callback, _ in shown] == [note] * 4 + [other, note]
    assert all(type(context) is contextvars.Context for _, context in shown)
    assert future.remove_done_callback(other) == 1 and future.remove_done_callback(other) == 0
    future.set_result(None)
    assert future._callbacks is None
    await asyncio.sleep(0)
    assert seen == [0, 1, 2, 3, 0], seen
    future.add_done_callback(note)
    await asyncio.sleep(0)
    assert seen == [0, 1, 2, 3, 0, 3]
    future = loop.create_future()
    for _ in range(3):
        future.add_done_callback(other)
    assert future.remove_done_callback(other) == 3 and future._callbacks is None


async def iterator():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    steps = future.__await__()
    assert type(steps).__name__ == "FutureIter" and iter(steps) is steps
    assert next(steps) is future and future._asyncio_future_blocking
    assert failure(next, steps) == "RuntimeError: await wasn't used with future"
    assert failure(steps.throw) == "TypeError: throw expected at least 1 argument, got 0"
    assert failure(steps.throw, 1, 2, 3, 4) == "TypeError: throw expected at most 3 arguments, got 4"
    wrong = "TypeError: exceptions must be classes deriving BaseException or instances of such a class"
    assert failure(steps.throw, 1) == wrong
    future.set_result(7)
    try:
        steps.send(None)
    except StopIteration as stop:
        assert stop.value == 7
    assert failure(steps.throw, ValueError("x")) == "ValueError: x"
    assert failure(steps.send, None) == "StopIteration: "
    steps = future.__iter__()
    steps.close()
    assert failure(next, steps) == "StopIteration: "

    # Awaited in a loop that is compiled.
    total = 0
    for number in range(2000):
        future = loop.create_future()
        if number % 2:
            future.set_result(number)
        else:
            loop.call_soon(future.set_result, number)
        total += await future
    assert total == sum(range(2000))


async def unretrieved():
    loop = asyncio.get_running_loop()
    reports = []
    loop.set_exception_handler(lambda loop, context: reports.append(context))

    def leave(retrieve):
        for number in range(5):
            future = loop.create_future()
            future.set_exception(ValueError(number))
            assert future._log_traceback
            if retrieve:
                future.exception()

    leave(True)
    gc.collect()
    await asyncio.sleep(0)
    assert reports == []
    leave(False)
    gc.collect()
    await asyncio.sleep(0)
    # One may be seen in a register still.
    assert len(reports) >= 4
    for report in reports:
        assert report["message"] == "Future exception was never retrieved"
        assert type(report["exception"]) is ValueError and type(report["future"]) is _asyncio.Future
    loop.set_exception_handler(None)


class Derived(asyncio.Future):
    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.seen = []

    def add_done_callback(self, *arguments, **keywords):
        self.seen.append("add")
        super().add_done_callback(*arguments, **keywords)

    def get_loop(self):
        self.seen.append("loop")
        return super().get_loop()


async def subclass():
    loop = asyncio.get_running_loop()
    future = Derived(loop=loop)
    loop.call_soon(future.set_result, 5)
    assert await future == 5 and future.seen == ["loop", "add"]
    assert future.result() == 5 and isinstance(future, asyncio.Future)

    class Duck:
        """Behaves like a future, without being one."""

        _asyncio_future_blocking = False

        def __init__(self):
            self.inner = loop.create_future()
            self._loop = loop

        def __await__(self):
            self._asyncio_future_blocking = True
            yield self
            return self.inner.result()

        def add_done_callback(self, callback, *, context=None):
            self.inner.add_done_callback(lambda inner: callback(self), context=context)

        def result(self):
            return self.inner.result()

    duck = Duck()
    loop.call_soon(duck.inner.set_result, 6)
    assert await duck == 6
    duck = Duck()
    loop.call_soon(duck.inner.set_exception, KeyError(1))
    try:
        await duck
    except KeyError as error:
        assert error.args == (1,)


async def chained():
    """The traceback that an exception came with is shown once more, and not longer each time."""
    future = asyncio.get_running_loop().create_future()
    try:
        1 / 0
    except ZeroDivisionError as error:
        future.set_exception(error)
    lengths = []
    for _ in range(3):
        try:
            await future
        except ZeroDivisionError as error:
            length, entry = 0, error.__traceback__
            while entry is not None:
                length, entry = length + 1, entry.tb_next
            lengths.append(length)
    assert lengths == [2, 1, 1], lengths


for part in (states, attributes, callbacks, iterator, unretrieved, subclass, chained):
    asyncio.run(part())
