# Lines of code without instructions of its own (PEP 626), and where frames are after what they raised.
def lines(code):
    return [line and line - code.co_firstlineno for _, _, line in code.co_lines()]


value = 1


def load():
    return (
        value.
        real
    )


assert lines(load.__code__) == [0, 2, 3, 1], lines(load.__code__)


def ends_in_branch(value):
    if value:
        value = 1
    else:
        value = 2


assert lines(ends_in_branch.__code__) == [0, 1, 2, 4], lines(ends_in_branch.__code__)


def empty():
    "Nothing."


assert len(list(empty.__code__.co_lines())) == 1
assert [line for _, _, line in compile("\n" * 9 + "f()", "", "exec").co_lines()] == [0, 10]


def place_after(function):
    try:
        function()
    except Exception as error:
        frame = error.__traceback__.tb_next.tb_frame
        return frame.f_lineno - frame.f_code.co_firstlineno


def unmatched():
    try:
        1 / 0
    except TypeError:
        pass


def finally_after():
    try:
        1 / 0
    finally:
        pass


class Manager:
    def __enter__(self):
        pass

    def __exit__(self, *details):
        pass


def managed():
    with Manager():
        1 / 0
        pass


assert [place_after(function) for function in (unmatched, finally_after, managed)] == [3, 4, 2]
