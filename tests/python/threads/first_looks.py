# Types get their methods when somebody first looks at them: many threads may be the first.
import threading

THREADS = 8


def subclasses(cls, found):
    for subclass in type.__subclasses__(cls):
        if subclass not in found:
            found.append(subclass)
            subclasses(subclass, found)
    return found


classes = subclasses(object, [])
barrier = threading.Barrier(THREADS)
seen = [None] * THREADS


def look(number):
    barrier.wait()
    names = {}
    # Half of them from the end, so that they meet, and look in different ways first.
    for cls in classes if number % 2 else reversed(classes):
        if number % 4 < 2:
            cls.__dict__.get("__init__")
        else:
            getattr(cls, "__repr__", None)
        names[cls] = sorted(vars(cls))
        for name in names[cls]:
            getattr(cls, name, None)
    seen[number] = names


threads = [threading.Thread(target=look, args=(number,)) for number in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for names in seen:
    assert names is not None
    for cls in classes:
        assert names[cls] == seen[0][cls], cls
assert "append" in seen[0][list] and "__add__" in seen[0][int]
