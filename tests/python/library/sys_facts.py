# What sys says of the interpreter.
import sys

assert sys.version_info[:2] == (3, 14) and sys.version_info >= (3, 14)
assert sys.version_info.major == 3 and sys.version_info.releaselevel == "final"
assert sys.version.startswith("%d.%d.%d " % sys.version_info[:3])
assert sys.hexversion >> 16 == 0x030E
assert sys.implementation.cache_tag == sys.implementation.name + "-314"
assert sys.implementation.version == sys.version_info
assert sys.platform == "linux" and sys.byteorder == "little" and sys.platlibdir == "lib"
assert sys.maxsize == 2**63 - 1 and sys.maxunicode == 0x10FFFF
assert sys.float_info.max == 1.7976931348623157e308 and sys.float_info.mant_dig == 53
assert sys.float_info.epsilon == 2.0**-52 and sys.float_info.min == 2.0**-1022
assert sys.hash_info.modulus == 2**61 - 1 and sys.hash_info.width == 64
assert hash(float("inf")) == sys.hash_info.inf
assert sys.int_info.default_max_str_digits == sys.get_int_max_str_digits() == 4300
assert sys.thread_info.name == "pthread"
assert "sys" in sys.builtin_module_names and "re" in sys.stdlib_module_names
assert type(sys.builtin_module_names) is tuple and type(sys.stdlib_module_names) is frozenset
assert sys.modules["sys"] is sys and sys.modules["__main__"].__name__ == "__main__"
assert sys.argv == [__file__] or sys.argv[0].endswith("sys_facts.py")
assert sys.orig_argv[-1] == sys.argv[0]
assert sys.flags.optimize == 0 and sys.flags.dev_mode is False and len(sys.flags) == 18
assert sys.flags.int_max_str_digits == 4300
assert sys.warnoptions == [] and type(sys._xoptions) is dict
assert sys.getdefaultencoding() == sys.getfilesystemencoding() == "utf-8"
assert sys.getfilesystemencodeerrors() == "surrogateescape"
assert sys.getswitchinterval() == 0.005
assert not sys.is_finalizing()
assert sys.intern("a b c") is sys.intern("a b " + "c")
assert sys.__displayhook__ is sys.displayhook and sys.__excepthook__ is sys.excepthook
assert sys.exception() is None and sys.exc_info() == (None, None, None)


def fails(kind, text, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        assert str(error) == text, str(error)
    else:
        assert False, text


fails(TypeError, "intern() argument must be str, not int", sys.intern, 1)
fails(ValueError, "switch interval must be strictly positive", sys.setswitchinterval, 0)
fails(ValueError, "recursion limit must be greater or equal than 1", sys.setrecursionlimit, 0)
fails(OverflowError, "Python int too large to convert to C int", sys.setrecursionlimit, 2**40)
fails(ValueError, "maxdigits must be >= 640 or 0 for unlimited", sys.set_int_max_str_digits, 1)
fails(TypeError, "cannot create 'sys.flags' instances", type(sys.flags))
fails(TypeError, "cannot create 'sys.version_info' instances", type(sys.version_info), (1, 2, 3, 4, 5))

# Leaving by an exception, which says with what.
for arguments, code in [((), None), ((3,), 3), (("text",), "text"), (((1, 2),), (1, 2))]:
    try:
        sys.exit(*arguments)
    except SystemExit as exit:
        if arguments != ((1, 2),):
            assert exit.code == code
        assert exit.__context__ is None
try:
    try:
        raise KeyError("first")
    except KeyError as error:
        assert sys.exception() is error
        assert sys.exc_info()[:2] == (KeyError, error)
        sys.exit("later")
except SystemExit as exit:
    assert type(exit.__context__) is KeyError

# Hooks.
sys.displayhook(None)
sys.displayhook("shown")  # expect: 'shown'
assert __builtins__._ == "shown"
seen = []
sys.addaudithook(lambda event, arguments: seen.append((event, arguments)))
sys.audit("test.event", 1, "two")
assert seen[-1] == ("test.event", (1, "two"))
fails(TypeError, "audit() argument 1 must be str, not int", sys.audit, 1)
