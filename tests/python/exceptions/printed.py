# What sys.excepthook prints: source lines, marks, chains, groups, notes, suggestions, repetitions.
import sys


class Capture:
    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def show(action):
    try:
        action()
    except BaseException as exception:
        capture, old = Capture(), sys.stderr
        sys.stderr = capture
        try:
            sys.excepthook(type(exception), exception, exception.__traceback__)
        finally:
            sys.stderr = old
        for line in capture.text.splitlines():
            print(line.replace(__file__, "FILE"))


def binary():
    return 1 + (2
                * "é" % 3) - (None
                         )  # comment


def subscript():
    d = {"a": {}}
    return d["a"]["b"] + 1


def call(*arguments):
    raise ValueError("bad")


def calls():
    x = [call(1,
              2, 3) for _ in range(1)]


def long_call():
    return sorted(call(
        1,
        2,
        3,
        4,
    ))


def whole_call():
    return call()


def assigned():
    x = call()


def attribute():
    wide = "日本語"
    wide + "日本" + wide.uper()


class Thing:
    def __init__(self):
        self.value = 1

    def method(self):
        return value

    def other(self):
        return self.valeu


def names():
    lenght = 1
    return length


def chain():
    try:
        subscript()
    except KeyError as error:
        try:
            raise TypeError("second") from error
        except TypeError:
            raise RuntimeError("third\nline")


def silent():
    try:
        subscript()
    except KeyError:
        raise RuntimeError("alone") from None


def deep(n):
    if n == 0:
        raise RecursionError("deep")
    deep(n - 1)


def noted():
    error = ValueError()
    error.add_note("one\ntwo")
    error.add_note("three")
    raise error


def group():
    errors = []
    for action in (subscript, noted):
        try:
            action()
        except Exception as error:
            errors.append(error)
    raise ExceptionGroup("group", errors + [ExceptionGroup("inner", [KeyError(1), ValueError(2)])])


def asserted():
    assert (1
            > 2), "message"


class Outer:
    class Inner(Exception):
        pass


def nested_class():
    raise Outer.Inner("text")


def syntax():
    raise SyntaxError("message", ("name", 3, 5, "    if x = 1:\n", 3, 9))


for action in (binary, subscript, calls, long_call, whole_call, assigned, attribute, Thing().method, Thing().other, names,
               chain, silent, lambda: deep(8), noted, group, asserted, nested_class, syntax,
               lambda: exec("x = 1\ny = x / 0"), lambda: math.pi, lambda: prnt):
    print(f"-- {action.__name__}")
    show(action)
# expect: -- binary
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 31, in binary
# expect:     return 1 + (2
# expect:                 ~
# expect:                 * "é" % 3) - (None
# expect:                 ~~~~~~^~~
# expect: TypeError: not all arguments converted during string formatting
# expect: -- subscript
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 38, in subscript
# expect:     return d["a"]["b"] + 1
# expect:            ~~~~~~^^^^^
# expect: KeyError: 'b'
# expect: -- calls
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 46, in calls
# expect:     x = [call(1,
# expect:          ~~~~^^^
# expect:               2, 3) for _ in range(1)]
# expect:               ^^^^^
# expect:   File "FILE", line 42, in call
# expect:     raise ValueError("bad")
# expect: ValueError: bad
# expect: -- long_call
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 51, in long_call
# expect:     return sorted(call(
# expect:                   ~~~~^
# expect:         1,
# expect:         ^^
# expect:     ...<2 lines>...
# expect:         4,
# expect:         ^^
# expect:     ))
# expect:     ^
# expect:   File "FILE", line 42, in call
# expect:     raise ValueError("bad")
# expect: ValueError: bad
# expect: -- whole_call
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 60, in whole_call
# expect:     return call()
# expect:   File "FILE", line 42, in call
# expect:     raise ValueError("bad")
# expect: ValueError: bad
# expect: -- assigned
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 64, in assigned
# expect:     x = call()
# expect:   File "FILE", line 42, in call
# expect:     raise ValueError("bad")
# expect: ValueError: bad
# expect: -- attribute
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 69, in attribute
# expect:     wide + "日本" + wide.uper()
# expect:                     ^^^^^^^^^
# expect: AttributeError: 'str' object has no attribute 'uper'. Did you mean: 'upper'?
# expect: -- method
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 77, in method
# expect:     return value
# expect:            ^^^^^
# expect: NameError: name 'value' is not defined. Did you mean: 'self.value'?
# expect: -- other
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 80, in other
# expect:     return self.valeu
# expect:            ^^^^^^^^^^
# expect: AttributeError: 'Thing' object has no attribute 'valeu'. Did you mean: 'value'?
# expect: -- names
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 85, in names
# expect:     return length
# expect:            ^^^^^^
# expect: NameError: name 'length' is not defined. Did you mean: 'lenght'?
# expect: -- chain
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 90, in chain
# expect:     subscript()
# expect:     ~~~~~~~~~^^
# expect:   File "FILE", line 38, in subscript
# expect:     return d["a"]["b"] + 1
# expect:            ~~~~~~^^^^^
# expect: KeyError: 'b'
# expect:
# expect: The above exception was the direct cause of the following exception:
# expect:
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 93, in chain
# expect:     raise TypeError("second") from error
# expect: TypeError: second
# expect:
# expect: During handling of the above exception, another exception occurred:
# expect:
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 95, in chain
# expect:     raise RuntimeError("third\nline")
# expect: RuntimeError: third
# expect: line
# expect: -- silent
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 102, in silent
# expect:     raise RuntimeError("alone") from None
# expect: RuntimeError: alone
# expect: -- <lambda>
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 147, in <lambda>
# expect:     chain, silent, lambda: deep(8), noted, group, asserted, nested_class, syntax,
# expect:                            ~~~~^^^
# expect:   File "FILE", line 108, in deep
# expect:     deep(n - 1)
# expect:     ~~~~^^^^^^^
# expect:   File "FILE", line 108, in deep
# expect:     deep(n - 1)
# expect:     ~~~~^^^^^^^
# expect:   File "FILE", line 108, in deep
# expect:     deep(n - 1)
# expect:     ~~~~^^^^^^^
# expect:   [Previous line repeated 5 more times]
# expect:   File "FILE", line 107, in deep
# expect:     raise RecursionError("deep")
# expect: RecursionError: deep
# expect: -- noted
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 115, in noted
# expect:     raise error
# expect: ValueError
# expect: one
# expect: two
# expect: three
# expect: -- group
# expect:   + Exception Group Traceback (most recent call last):
# expect:   |   File "FILE", line 18, in show
# expect:   |     action()
# expect:   |     ~~~~~~^^
# expect:   |   File "FILE", line 125, in group
# expect:   |     raise ExceptionGroup("group", errors + [ExceptionGroup("inner", [KeyError(1), ValueError(2)])])
# expect:   | ExceptionGroup: group (3 sub-exceptions)
# expect:   +-+---------------- 1 ----------------
# expect:     | Traceback (most recent call last):
# expect:     |   File "FILE", line 122, in group
# expect:     |     action()
# expect:     |     ~~~~~~^^
# expect:     |   File "FILE", line 38, in subscript
# expect:     |     return d["a"]["b"] + 1
# expect:     |            ~~~~~~^^^^^
# expect:     | KeyError: 'b'
# expect:     +---------------- 2 ----------------
# expect:     | Traceback (most recent call last):
# expect:     |   File "FILE", line 122, in group
# expect:     |     action()
# expect:     |     ~~~~~~^^
# expect:     |   File "FILE", line 115, in noted
# expect:     |     raise error
# expect:     | ValueError
# expect:     | one
# expect:     | two
# expect:     | three
# expect:     +---------------- 3 ----------------
# expect:     | ExceptionGroup: inner (2 sub-exceptions)
# expect:     +-+---------------- 1 ----------------
# expect:       | KeyError: 1
# expect:       +---------------- 2 ----------------
# expect:       | ValueError: 2
# expect:       +------------------------------------
# expect: -- asserted
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 129, in asserted
# expect:     assert (1
# expect:             ^
# expect:             > 2), "message"
# expect:             ^^^
# expect: AssertionError: message
# expect: -- nested_class
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 139, in nested_class
# expect:     raise Outer.Inner("text")
# expect: Outer.Inner: text
# expect: -- syntax
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 143, in syntax
# expect:     raise SyntaxError("message", ("name", 3, 5, "    if x = 1:\n", 3, 9))
# expect:   File "name", line 3
# expect:     if x = 1:
# expect:     ^^^^
# expect: SyntaxError: message
# expect: -- <lambda>
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 148, in <lambda>
# expect:     lambda: exec("x = 1\ny = x / 0"), lambda: math.pi, lambda: prnt):
# expect:             ~~~~^^^^^^^^^^^^^^^^^^^^
# expect:   File "<string>", line 2, in <module>
# expect: ZeroDivisionError: division by zero
# expect: -- <lambda>
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 148, in <lambda>
# expect:     lambda: exec("x = 1\ny = x / 0"), lambda: math.pi, lambda: prnt):
# expect:                                               ^^^^
# expect: NameError: name 'math' is not defined. Did you forget to import 'math'?
# expect: -- <lambda>
# expect: Traceback (most recent call last):
# expect:   File "FILE", line 18, in show
# expect:     action()
# expect:     ~~~~~~^^
# expect:   File "FILE", line 148, in <lambda>
# expect:     lambda: exec("x = 1\ny = x / 0"), lambda: math.pi, lambda: prnt):
# expect:                                                                ^^^^
# expect: NameError: name 'prnt' is not defined. Did you mean: 'print'?
