"""Stands for CPython's module of that name, for tests that compare its classes with others."""

from _pydatetime import *  # noqa: F403
from _pydatetime import __doc__  # noqa: F401
