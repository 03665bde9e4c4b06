"""A profiler of Python programs; the module pstats shows what it finds."""

import _lsprof
import importlib.machinery
import io
import marshal
import os
import sys
import types

__all__ = ["run", "runctx", "Profile"]


def run(statement, filename=None, sort=-1):
    """Run a statement under the profiler; print the statistics, or write them to a file."""
    import __main__
    runctx(statement, __main__.__dict__, __main__.__dict__, filename, sort)


def runctx(statement, globals, locals, filename=None, sort=-1):
    """Run a statement under the profiler, with these namespaces; print the statistics, or write them to a file."""
    profile = Profile()
    try:
        profile.runctx(statement, globals, locals)
    except SystemExit:
        pass
    finally:
        if filename is None:
            profile.print_stats(sort)
        else:
            profile.dump_stats(filename)


def label(code):
    """How the statistics name a function: file, line and name."""
    if isinstance(code, str):
        return "~", 0, code
    return code.co_filename, code.co_firstlineno, code.co_name


class Profile(_lsprof.Profiler):
    """Profile(timer=None, timeunit=None, subcalls=True, builtins=True)

    A profiler; timer, if given, is a function that returns the time in units of timeunit seconds.
    """

    def print_stats(self, sort=-1):
        import pstats
        order = sort if isinstance(sort, tuple) else (sort,)
        pstats.Stats(self).strip_dirs().sort_stats(*order).print_stats()

    def dump_stats(self, file):
        self.create_stats()
        with open(file, "wb") as stream:
            marshal.dump(self.stats, stream)

    def create_stats(self):
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self):
        entries = self.getstats()
        callers = {label(entry.code): {} for entry in entries}
        for entry in entries:
            caller = label(entry.code)
            for sub in entry.calls or ():
                known = callers.get(label(sub.code))
                if known is None:
                    continue
                counts = [sub.callcount, sub.callcount - sub.reccallcount, sub.inlinetime, sub.totaltime]
                if caller in known:
                    counts = [new + old for new, old in zip(counts, known[caller])]
                known[caller] = tuple(counts)
        self.stats = {}
        for entry in entries:
            name = label(entry.code)
            calls = entry.callcount
            self.stats[name] = calls - entry.reccallcount, calls, entry.inlinetime, entry.totaltime, callers[name]

    def run(self, cmd):
        import __main__
        return self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(self, cmd, globals, locals):
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func, /, *args, **kw):
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self):
        self.enable()
        return self

    def __exit__(self, *exc_info):
        self.disable()


def main():
    from optparse import OptionParser
    from pstats import Stats

    parser = OptionParser(usage="cProfile.py [-o output_file_path] [-s sort] [-m module | scriptfile] [arg] ...")
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", dest="outfile", help="Save stats to <outfile>", default=None)
    parser.add_option(
        "-s", "--sort", dest="sort", help="Sort order when printing to stdout, based on pstats.Stats class", default=2,
        choices=sorted(Stats.sort_arg_dict_default),
    )
    parser.add_option("-m", dest="module", action="store_true", help="Profile a library module", default=False)
    if not sys.argv[1:]:
        parser.print_usage()
        sys.exit(2)
    options, arguments = parser.parse_args()
    sys.argv[:] = arguments
    # The folder changes, perhaps, before the file is written.
    if options.outfile is not None:
        options.outfile = os.path.abspath(options.outfile)
    if not arguments:
        parser.print_usage()
        return parser
    if options.module:
        import runpy
        code = "run_module(modname, run_name='__main__')"
        globals = {"run_module": runpy.run_module, "modname": arguments[0]}
        sys.argv[:] = [arguments[0], *arguments[1:]]
    else:
        program = arguments[0]
        sys.path.insert(0, os.path.dirname(program))
        with io.open_code(program) as stream:
            code = compile(stream.read(), program, "exec")
        spec = importlib.machinery.ModuleSpec(name="__main__", loader=None, origin=program)
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        globals = module.__dict__
        globals.update({
            "__spec__": spec, "__file__": spec.origin, "__name__": spec.name, "__package__": None, "__cached__": None,
        })
    try:
        runctx(code, globals, None, options.outfile, options.sort)
    except BrokenPipeError as error:
        # Whoever reads has gone away; nothing is left to be flushed.
        sys.stdout = None
        sys.exit(error.errno)
    return parser


if __name__ == "__main__":
    main()
