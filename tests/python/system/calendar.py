# Times by the calendar.
import posix
import time

epoch = time.gmtime(0)
assert epoch[:] == (1970, 1, 1, 0, 0, 0, 3, 1, 0) and epoch.tm_zone == "GMT" and epoch.tm_gmtoff == 0
assert epoch.tm_year == 1970 and epoch == tuple(epoch) and hash(epoch) == hash(tuple(epoch))
assert repr(time.struct_time(range(9))) == (
    "time.struct_time(tm_year=0, tm_mon=1, tm_mday=2, tm_hour=3, tm_min=4, tm_sec=5, tm_wday=6, tm_yday=7, tm_isdst=8)"
)
assert time.asctime(time.gmtime(1e9)) == "Sun Sep  9 01:46:40 2001"
assert time.strftime("%Y-%m-%d %H:%M:%S %% é %a %Z", time.gmtime(1e9)) == "2001-09-09 01:46:40 % é Sun GMT"
assert time.mktime(time.localtime(1000000)) == 1000000
posix.putenv("TZ", "EST+05EDT,M3.2.0,M11.1.0")
time.tzset()
assert (time.timezone, time.altzone, time.daylight, time.tzname) == (18000, 14400, 1, ("EST", "EDT"))
assert time.localtime(1e9)[:] == (2001, 9, 8, 21, 46, 40, 5, 251, 1) and time.localtime(1e9).tm_zone == "EDT"
assert time.ctime(0) == "Wed Dec 31 19:00:00 1969"
for function, expected in [
    (lambda: time.sleep(-1), ("ValueError", "sleep length must be non-negative")),
    (lambda: time.sleep("a"), ("TypeError", "'str' object cannot be interpreted as an integer or float")),
    (lambda: time.gmtime(1e30), ("OverflowError", "timestamp out of range for platform time_t")),
    (lambda: time.asctime((2000, 13, 1, 0, 0, 0, 0, 0, 0)), ("ValueError", "month out of range")),
    (lambda: time.asctime(1), ("TypeError", "Tuple or struct_time argument required")),
    (lambda: time.get_clock_info("x"), ("ValueError", "unknown clock")),
]:
    try:
        function()
        assert False
    except Exception as error:
        assert (type(error).__name__, str(error)) == expected
start = time.monotonic_ns()
time.sleep(0.01)
assert time.monotonic_ns() - start >= 10_000_000 and time.get_clock_info("monotonic").monotonic
