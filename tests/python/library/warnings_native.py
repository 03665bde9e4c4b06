# Issuing warnings: filters, registries, places.
import _warnings
import sys

shown = []


class Recorder:
    def write(self, text):
        shown.append(text)

    def flush(self):
        pass


sys.stderr = Recorder()


def issue(*arguments, **options):
    del shown[:]
    _warnings.warn(*arguments, **options)
    return "".join(shown)


def fails(kind, text, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind as error:
        assert str(error) == text, str(error)
    else:
        assert False, text


fails(TypeError, "category must be a Warning subclass, not 'type'", _warnings.warn, "text", int)
fails(TypeError, "category must be a Warning subclass, not 'str'", _warnings.warn, "text", "int")
fails(TypeError, "Found non-str 'int' in skip_file_prefixes.", _warnings.warn, "text", skip_file_prefixes=(1,))
fails(RuntimeError, "cannot release un-acquired lock", _warnings._release_lock)

filters = _warnings.filters
assert filters[0] == ("default", None, DeprecationWarning, "__main__", 0)
assert ("ignore", None, DeprecationWarning, None, 0) in filters

# An error where a filter says so; only with the category and line of the filter.
filters.insert(0, ("error", None, RuntimeWarning, None, 0))
fails(RuntimeWarning, "now", _warnings.warn, "now", RuntimeWarning)
fails(RuntimeWarning, "instance", _warnings.warn, RuntimeWarning("instance"))
filters.insert(0, ("ignore", None, RuntimeWarning, None, 0))
_warnings.warn("not now", RuntimeWarning)
filters.insert(0, ("strange", None, RuntimeWarning, None, 0))
fails(RuntimeError, "Unrecognized action ('strange') in warnings.filters:\n ('strange', None, <class 'RuntimeWarning'>, None, 0)",
      _warnings.warn, "now", RuntimeWarning)
filters[0] = 5
fails(ValueError, "warnings.filters item 0 isn't a 5-tuple", _warnings.warn, "then", RuntimeWarning)
del filters[:3]
