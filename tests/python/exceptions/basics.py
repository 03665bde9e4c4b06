# Raising, catching, finally, with, chaining.


def caught(n):
    count = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ValueError(i)
            count += 1
        except ValueError as error:
            count += error.args[0]
    return count


assert caught(999) == 166500


def check(x):
    if x == 700:
        raise KeyError(x)
    return x


def through(n):
    # Raised out of an inlined call of a compiled loop.
    total = 0
    try:
        for i in range(n):
            total += check(i)
    except KeyError as error:
        return total, error.args
    return total, None


assert through(700) == (244650, None)
assert through(701) == (244650, (700,))
assert through(2000) == (244650, (700,))


def level3(i):
    if i % 50 == 49:
        return 1 // (i - i)
    return 1


def level2(i):
    return level3(i) + 1


def level1(i):
    try:
        return level2(i)
    finally:
        finished.append(i)


finished = []


def levels(n):
    total = 0
    for i in range(n):
        try:
            total += level1(i)
        except ZeroDivisionError:
            total -= 100
    return total


assert levels(1000) == -40
assert finished == list(range(1000))


def early(n):
    out = []
    for i in range(n):
        try:
            if i % 2:
                continue
            if i == 900:
                break
            out.append(i)
        finally:
            out.append(-1)
    return len(out), out[-1]


assert early(2000) == (1351, -1)


def returns():
    try:
        return 1
    finally:
        seen.append("finally")


seen = []
for _ in range(300):
    assert returns() == 1
assert len(seen) == 300


class Manager:
    def __init__(self, swallow):
        self.swallow = swallow
        self.log = []

    def __enter__(self):
        self.log.append("enter")
        return self

    def __exit__(self, kind, error, traceback):
        self.log.append(kind and kind.__name__)
        return self.swallow


def managed(n):
    m = Manager(True)
    for i in range(n):
        with m as inner:
            assert inner is m
            if i % 10 == 0:
                raise LookupError
    return m.log.count("enter"), m.log.count("LookupError"), m.log.count(None)


assert managed(500) == (500, 50, 450)
try:
    with Manager(False):
        raise LookupError("out")
except LookupError as error:
    assert str(error) == "out"
else:
    assert False


def chained():
    try:
        try:
            {}["a"]
        except KeyError as error:
            raise ValueError("b") from error
    except ValueError as error:
        return error


error = chained()
assert type(error.__cause__) is KeyError
assert error.__cause__ is error.__context__
assert error.__suppress_context__

try:
    try:
        1 / 0
    except ZeroDivisionError:
        undefined
except NameError as error:
    assert type(error.__context__) is ZeroDivisionError
    assert error.__cause__ is None

try:
    raise ValueError from None
except ValueError as error:
    assert error.__suppress_context__ and error.__context__ is None


class Own(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class More(Own):
    pass


def own(n):
    total = 0
    for i in range(n):
        try:
            raise More(i, "text") if i % 2 else Own(i, "text")
        except More as error:
            total += error.code
        except Own as error:
            total -= error.code
    return total


assert own(1000) == 500
try:
    raise More(3, "hello")
except (KeyError, Own) as error:
    assert str(error) == "hello" and error.code == 3 and error.args == ("hello",)


def nested(n):
    log = 0
    for i in range(n):
        try:
            try:
                [][i]
            except KeyError:
                assert False
            finally:
                log += 1
        except IndexError as error:
            assert str(error) == "list index out of range"
            log += 10
        else:
            assert False
    return log


assert nested(400) == 4400


def reraised(n):
    count = 0
    for i in range(n):
        try:
            try:
                raise OSError(i)
            except OSError:
                raise
        except OSError as error:
            count += error.args[0]
    return count


assert reraised(500) == 124750


def bare_raise():
    raise


try:
    bare_raise()
except RuntimeError as error:
    assert str(error) == "No active exception to reraise"
else:
    assert False

try:
    raise 5
except TypeError as error:
    assert str(error) == "exceptions must derive from BaseException"
else:
    assert False


def scope():
    error = 1
    try:
        raise ValueError
    except ValueError as error:
        pass
    try:
        return error
    except UnboundLocalError:
        return "unbound"


assert scope() == "unbound"


def else_and_finally(n):
    text = ""
    for i in range(n):
        try:
            if i == 1:
                raise ValueError
        except ValueError:
            text += "e"
        else:
            text += "n"
        finally:
            text += "f"
    return text


assert else_and_finally(3) == "nfefnf"


def stops(n):
    it = iter(range(n))
    total = 0
    while True:
        try:
            total += next(it)
        except StopIteration:
            return total


assert stops(1000) == 499500
