# A mapping that is closed or shrunk while its index is found out.
import mmap


class Closing:
    def __init__(self, mapping, number):
        self.mapping, self.number = mapping, number

    def __index__(self):
        self.mapping.close()
        return self.number


class Shrinking(Closing):
    def __index__(self):
        self.mapping.resize(4096)
        return self.number


def attempt(action):
    mapping = mmap.mmap(-1, 8192, flags=mmap.MAP_PRIVATE)
    try:
        return action(mapping)
    except (ValueError, IndexError) as error:
        return str(error)


def store(mapping, key, value):
    mapping[key] = value


for action in [
    lambda m: m[Closing(m, 10)],
    lambda m: m[Closing(m, 10) : 20],
    lambda m: m[Closing(m, 10) : 20 : 2],
    lambda m: m[20 : Closing(m, 10) : -2],
    lambda m: m.read(Closing(m, 10)),
    lambda m: m.find(b"1", 1, Closing(m, 10)),
    lambda m: store(m, slice(Closing(m, 10), 20), b"1" * 10),
    lambda m: store(m, slice(Closing(m, 10), 20, 2), b"1" * 5),
    lambda m: store(m, Closing(m, 10), 5),
    lambda m: m.move(1, 2, Closing(m, 10)),
    lambda m: m.write_byte(Closing(m, 10)),
]:
    assert attempt(action) == "mmap closed or invalid", attempt(action)

attempt(lambda m: m[Shrinking(m, 5000) : 8000])
attempt(lambda m: store(m, slice(Shrinking(m, 5000), 5010), b"1" * 10))
attempt(lambda m: m[Shrinking(m, 5000)])
