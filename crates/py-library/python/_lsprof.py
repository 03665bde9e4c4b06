"""The profiler behind the module cProfile: counts calls and measures them, by the function of sys.setprofile."""

import sys
from collections import namedtuple
from time import perf_counter
from types import BuiltinFunctionType, MethodWrapperType, ModuleType

_SUB_FIELDS = ["code", "callcount", "reccallcount", "totaltime", "inlinetime"]
profiler_entry = namedtuple("profiler_entry", [*_SUB_FIELDS, "calls"], module="_lsprof")
profiler_subentry = namedtuple("profiler_subentry", _SUB_FIELDS, module="_lsprof")


def _name_of(function):
    """What stands for a built-in function in the statistics."""
    owner = getattr(function, "__self__", None)
    name = function.__name__
    if owner is None or isinstance(owner, ModuleType):
        module = getattr(function, "__module__", None)
        return f"<built-in method {module}.{name}>" if module else f"<built-in method {name}>"
    for base in type(owner).__mro__:
        if name in base.__dict__:
            return repr(base.__dict__[name])
    return f"<built-in method {name}>"


class _Count:
    """What is known of a function, or of its calls by one caller."""

    __slots__ = ("calls", "recursive", "total", "inline", "depth", "callees")

    def __init__(self):
        self.calls = self.recursive = self.depth = 0
        self.total = self.inline = 0
        self.callees = {}

    def leave(self, total, inline):
        self.depth -= 1
        if self.depth == 0:
            self.total += total
        else:
            self.recursive += 1
        self.inline += inline
        self.calls += 1


class Profiler:
    """Profiler(timer=None, timeunit=None, subcalls=True, builtins=True)

    timer gives the time, in units of timeunit seconds; subcalls and builtins are as for enable().
    """

    def __init__(self, *args, **kwargs):
        if len(args) + len(kwargs) > 4:
            raise TypeError(f"Profiler() takes at most 4 arguments ({len(args) + len(kwargs)} given)")
        self._configure(*args, **kwargs)

    def _configure(self, timer=None, timeunit=0.0, subcalls=True, builtins=True):
        self._timer = timer
        self._unit = timeunit if timeunit else 1.0
        self._subcalls = bool(subcalls)
        self._builtins = bool(builtins)
        self._stack = []
        self._counts = {}
        self._active = False

    def enable(self, subcalls=True, builtins=True):
        """Start collecting.

        With subcalls, each function knows which functions it called; with builtins, built-in functions count too.
        """
        if not self._active:
            sys.monitoring.use_tool_id(sys.monitoring.PROFILER_ID, "cProfile")
        self._subcalls = bool(subcalls)
        self._builtins = bool(builtins)
        self._active = True
        sys.setprofile(self._callback())

    def disable(self):
        """Stop collecting."""
        sys.setprofile(None)
        if self._active:
            self._active = False
            sys.monitoring.free_tool_id(sys.monitoring.PROFILER_ID)
            now = self._now()
            while self._stack:
                self._leave(now)

    def clear(self):
        """Forget what has been collected."""
        self._counts.clear()
        self._stack.clear()

    def getstats(self):
        """Return a list of profiler_entry objects: function, calls, recursive calls, times and called functions."""
        unit = self._unit
        entries = []
        for key, count in self._counts.items():
            calls = [
                profiler_subentry(callee, sub.calls, sub.recursive, sub.total * unit, sub.inline * unit)
                for callee, sub in count.callees.items()
            ]
            entries.append(
                profiler_entry(key, count.calls, count.recursive, count.total * unit, count.inline * unit, calls or None)
            )
        return entries

    def _now(self):
        return perf_counter() if self._timer is None else self._timer()

    def _leave(self, now):
        key, count, sub, start, inside = self._stack.pop()
        total = now - start
        count.leave(total, total - inside)
        if sub is not None:
            sub.leave(total, total - inside)
        if self._stack:
            self._stack[-1][4] += total

    def _callback(self):
        stack, counts, leave = self._stack, self._counts, self._leave
        timer = perf_counter if self._timer is None else self._timer
        subcalls, builtins = self._subcalls, self._builtins
        disabling = Profiler.disable.__code__
        natives = (BuiltinFunctionType, MethodWrapperType)

        def enter(key):
            count = counts.get(key)
            if count is None:
                count = counts[key] = _Count()
            count.depth += 1
            sub = None
            if subcalls and stack:
                callees = stack[-1][1].callees
                sub = callees.get(key)
                if sub is None:
                    sub = callees[key] = _Count()
                sub.depth += 1
            stack.append([key, count, sub, timer(), 0])

        def told(frame, event, argument):
            if event == "call":
                code = frame.f_code
                if code is disabling:
                    enter("<method 'disable' of '_lsprof.Profiler' objects>") if builtins else None
                else:
                    enter(code)
            elif event == "return":
                if stack:
                    leave(timer())
            elif builtins and isinstance(argument, natives) and frame.f_code is not disabling:
                if event == "c_call":
                    enter(_name_of(argument))
                elif stack:
                    leave(timer())

        return told
