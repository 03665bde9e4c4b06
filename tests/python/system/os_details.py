# Struct sequences as objects, timers as descriptors, bools as descriptors.
import os
import sys
import time
import warnings

# Their classes give instances no attributes.
for value in (os.stat("/"), sys.version_info, time.localtime(0), sys.flags):
    assert not hasattr(value, "__dict__")
    assert "n_fields" in dir(value) and "__dict__" not in dir(value)
    assert type(type(value).__repr__).__name__ == "wrapper_descriptor"
    assert type(type(value).__dict__["__new__" if type(value) is os.stat_result else "n_fields"]).__name__ in (
        "builtin_function_or_method",
        "int",
    )

descriptor = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)
assert os.timerfd_settime(descriptor, initial=1000.5, interval=2) == (0.0, 0.0)
expiration, interval = os.timerfd_gettime_ns(descriptor)
assert 999 * 10**9 < expiration <= 1000.5 * 10**9 and interval == 2 * 10**9
assert os.timerfd_gettime(descriptor)[1] == 2.0
assert os.timerfd_settime_ns(descriptor, initial=0)[1] == 2 * 10**9
os.close(descriptor)
try:
    os.timerfd_settime(descriptor, initial=1e30)
except OverflowError as error:
    assert str(error) == "timestamp out of range for C PyTime_t"

descriptor = os.eventfd(0, os.EFD_NONBLOCK)
os.eventfd_write(descriptor, 2**64 - 2)
assert os.eventfd_read(descriptor) == 2**64 - 2
os.close(descriptor)
for value, message in ((2**64, "Python int too large for C unsigned long long"), (-1, "Cannot convert negative int")):
    try:
        os.eventfd_write(0, value)
    except (OverflowError, ValueError) as error:
        assert str(error) == message, error

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    os.stat(False)
assert [str(each.message) for each in caught] == ["bool is used as a file descriptor"]
