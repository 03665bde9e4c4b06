"""Looking into other processes of Python: asked for by asyncio's and the profiler's tools, not supported here."""

from collections import namedtuple

FrameInfo = namedtuple("FrameInfo", "filename lineno funcname")
TaskInfo = namedtuple("TaskInfo", "task_id task_name coroutine_stack awaited_by")
CoroInfo = namedtuple("CoroInfo", "call_stack task_name")
ThreadInfo = namedtuple("ThreadInfo", "thread_id frame_info")
AwaitedInfo = namedtuple("AwaitedInfo", "thread_id awaited_by")

PROCESS_VM_READV_SUPPORTED = False


class RemoteUnwinder:
    """A view of the stacks of another process."""

    def __init__(self, pid, *, all_threads=False, only_active_thread=False, debug=False):
        raise NotImplementedError("reading the stacks of another process is not supported")
