# Exception groups and `except*`.


def message(run, *arguments):
    try:
        run(*arguments)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return None


try:
    raise ExceptionGroup("many", [ValueError(1), TypeError(2)])
except* ValueError as group:
    values = group.exceptions
except* TypeError as group:
    types = group.exceptions
assert values[0].args == (1,) and types[0].args == (2,)

# Making groups.
group = ExceptionGroup("text", [ValueError(1), TypeError(2)])
assert group.message == "text" and repr(group.exceptions) == "(ValueError(1), TypeError(2))"
assert str(group) == "text (2 sub-exceptions)" and repr(group) == "ExceptionGroup('text', [ValueError(1), TypeError(2)])"
assert str(ExceptionGroup("one", (OSError(),))) == "one (1 sub-exception)"
assert repr(ExceptionGroup("one", (OSError(),))) == "ExceptionGroup('one', (OSError(),))"
assert type(BaseExceptionGroup("b", [ValueError()])) is ExceptionGroup
assert type(BaseExceptionGroup("b", [KeyboardInterrupt()])) is BaseExceptionGroup
assert ExceptionGroup.__mro__ == (ExceptionGroup, BaseExceptionGroup, Exception, BaseException, object)
assert ExceptionGroup.__bases__ == (BaseExceptionGroup, Exception)
for arguments, text in [
    ((), "TypeError: BaseExceptionGroup.__new__() takes exactly 2 arguments (0 given)"),
    (("a",), "TypeError: BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)"),
    ((1, []), "TypeError: BaseExceptionGroup.__new__() argument 1 must be str, not int"),
    (("a", 5), "TypeError: second argument (exceptions) must be a sequence"),
    (("a", {1}), "TypeError: second argument (exceptions) must be a sequence"),
    (("a", []), "ValueError: second argument (exceptions) must be a non-empty sequence"),
    (("a", [ValueError(), 5]), "ValueError: Item 1 of second argument (exceptions) is not an exception"),
    (("a", [KeyboardInterrupt()]), "TypeError: Cannot nest BaseExceptions in an ExceptionGroup"),
]:
    assert message(ExceptionGroup, *arguments) == text, message(ExceptionGroup, *arguments)
assert message(setattr, group, "message", 1) == "AttributeError: readonly attribute"


class Own(ExceptionGroup):
    pass


assert message(Own, "a", [KeyboardInterrupt()]) == "TypeError: Cannot nest BaseExceptions in 'Own'"

# Splitting.
nested = ExceptionGroup("outer", [ValueError(1), ExceptionGroup("inner", [TypeError(2), ValueError(3)]), OSError(4)])
nested.add_note("note")
taken, rest = nested.split(ValueError)
assert repr(taken) == "ExceptionGroup('outer', [ValueError(1), ExceptionGroup('inner', [ValueError(3)])])"
assert repr(rest) == "ExceptionGroup('outer', [ExceptionGroup('inner', [TypeError(2)]), OSError(4)])"
assert taken.__notes__ == ["note"] and taken.__notes__ is not nested.__notes__
assert nested.subgroup((OSError, TypeError)).exceptions[0].message == "inner"
assert nested.split(lambda error: error.args == (4,))[0].exceptions == (nested.exceptions[2],)
assert nested.subgroup(KeyError) is None and nested.subgroup(Exception) is nested
assert nested.split(ExceptionGroup) == (nested, None)
assert message(nested.split, 5) == (
    "TypeError: expected an exception type, a tuple of exception types, or a callable (other than a class)"
)


class Derived(ExceptionGroup):
    def derive(self, held):
        return Derived(self.message + "!", held)


assert repr(Derived("d", [ValueError(1), TypeError(2)]).split(ValueError)) == (
    "(Derived('d!', [ValueError(1)]), Derived('d!', [TypeError(2)]))"
)


class Wrong(ExceptionGroup):
    def derive(self, held):
        return 5


assert message(Wrong("w", [ValueError(), TypeError()]).split, ValueError) == (
    "TypeError: derive must return an instance of BaseExceptionGroup"
)


# `except*`.
def handle(error, *patterns):
    log = []
    try:
        try:
            raise error
        except* patterns as part:
            log.append(part)
        else:
            log.append("else")
        finally:
            log.append("finally")
    except BaseException as left:
        log.append(left)
    return log


part, end, left = handle(ExceptionGroup("g", [ValueError(1), TypeError(2)]), ValueError)
assert repr(part) == "ExceptionGroup('g', [ValueError(1)])" and end == "finally"
assert repr(left) == "ExceptionGroup('g', [TypeError(2)])"
part, end = handle(ValueError(5), ValueError)
assert repr(part) == "ExceptionGroup('', (ValueError(5),))"
assert part.__traceback__ is not None
naked = KeyError(6)
assert handle(naked, ValueError) == ["finally", naked]


def raising():
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2), OSError(3), KeyError(4)])
    except* ValueError:
        raise
    except* TypeError:
        raise ZeroDivisionError("new")
    except* OSError as part:
        raise part
    except* IndexError:
        raise AssertionError


try:
    raising()
except ExceptionGroup as error:
    assert error.message == "", repr(error)
    new, taken_again, again = error.exceptions
    assert repr(new) == "ZeroDivisionError('new')" and repr(new.__context__) == "ExceptionGroup('g', [TypeError(2)])"
    assert repr(taken_again) == "ExceptionGroup('g', [OSError(3)])"
    assert repr(again) == "ExceptionGroup('g', [ValueError(1), KeyError(4)])"


def only_again():
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError:
        raise
    except* TypeError:
        pass


try:
    only_again()
except ExceptionGroup as error:
    assert repr(error) == "ExceptionGroup('g', [ValueError(1)])"


def handled():
    import sys

    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError as part:
        assert sys.exception() is part
    except* TypeError as part:
        assert sys.exception() is part
    assert sys.exception() is None
    try:
        part
    except NameError:
        return True


assert handled()


def wrong(pattern, error=ExceptionGroup("g", [ValueError()])):
    try:
        raise error
    except* pattern:
        pass


assert message(wrong, ExceptionGroup) == (
    "TypeError: catching ExceptionGroup with except* is not allowed. Use except instead."
)
assert message(wrong, (ValueError, BaseExceptionGroup)) == (
    "TypeError: catching ExceptionGroup with except* is not allowed. Use except instead."
)
assert message(wrong, 5) == "TypeError: catching classes that do not inherit from BaseException is not allowed"


class Splits(ExceptionGroup):
    def split(self, pattern):
        return self.result


error = Splits("s", [OSError()])
error.result = 5
assert message(wrong, ValueError, error) == "TypeError: Splits.split must return a tuple, not int"
error.result = (1,)
assert message(wrong, ValueError, error) == "TypeError: Splits.split must return a 2-tuple, got tuple of size 1"


def jumps():
    for turn in range(3):
        try:
            if turn == 1:
                continue
            if turn == 2:
                return "left"
            raise ExceptionGroup("g", [ValueError(1)])
        except* ValueError:
            for each in range(3):
                if each == 1:
                    break
            else:
                raise AssertionError


assert jumps() == "left"
total = 0
for turn in range(2000):
    try:
        raise ExceptionGroup("g", [ValueError(turn), TypeError()])
    except* ValueError as part:
        total += part.exceptions[0].args[0]
    except* TypeError:
        total += 1
assert total == 2001000
