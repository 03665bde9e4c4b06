"""What sysconfig says of how the interpreter was built.

Extension modules cannot be loaded, but tools want to know how they would be built and named.
"""

import sys as _sys

_prefix = _sys.base_prefix
_exec_prefix = _sys.base_exec_prefix
_library = f"{_prefix}/lib/typhon3.14"

build_time_vars = {
    "ABIFLAGS": "",
    "AR": "ar",
    "ARFLAGS": "rcs",
    "BINDIR": f"{_exec_prefix}/bin",
    "BINLIBDEST": _library,
    "BLDSHARED": "cc -shared",
    "BUILD_GNU_TYPE": "x86_64-pc-linux-gnu",
    "CC": "cc",
    "CCSHARED": "-fPIC",
    "CFLAGS": "-O2 -Wall",
    "CONFIG_ARGS": "",
    "CPPFLAGS": "",
    "CXX": "c++",
    "EXE": "",
    "EXT_SUFFIX": ".typhon01-x86_64-linux-gnu.so",
    "HAVE_FORK": 1,
    "HAVE_GETENTROPY": 1,
    "HAVE_SEM_OPEN": 1,
    "HAVE_SIGACTION": 1,
    "HOST_GNU_TYPE": "x86_64-pc-linux-gnu",
    "INCLUDEDIR": f"{_prefix}/include",
    "INCLUDEPY": f"{_prefix}/include/typhon3.14",
    "INSTSONAME": "",
    "LDFLAGS": "",
    "LDLIBRARY": "",
    "LDSHARED": "cc -shared",
    "LDVERSION": "3.14",
    "LIBDEST": _library,
    "LIBDIR": f"{_exec_prefix}/lib",
    "LIBPL": f"{_library}/config-3.14-x86_64-linux-gnu",
    "LIBRARY": "",
    "LIBS": "",
    "MULTIARCH": "x86_64-linux-gnu",
    "OPT": "-O2 -Wall",
    "PLATLIBDIR": "lib",
    "PY_CFLAGS": "-O2 -Wall",
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 0,
    "Py_GIL_DISABLED": 0,
    "Py_HASH_ALGORITHM": 0,
    "SHELL": "/bin/sh",
    "SHLIB_SUFFIX": ".so",
    "SIZEOF_LONG": 8,
    "SIZEOF_SIZE_T": 8,
    "SIZEOF_TIME_T": 8,
    "SIZEOF_VOID_P": 8,
    "SIZEOF_WCHAR_T": 4,
    "SOABI": "typhon01-x86_64-linux-gnu",
    "TZPATH": "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo",
    "VERSION": "3.14",
    "exec_prefix": _exec_prefix,
    "host_exec_prefix": _exec_prefix,
    "host_prefix": _prefix,
    "prefix": _prefix,
    "py_version_short": "3.14",
}
