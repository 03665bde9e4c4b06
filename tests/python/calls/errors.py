# What a call with the wrong arguments says.


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as exception:
        return f"{type(exception).__name__}: {exception}"
    return "no error"


def none(): pass
def one(a): pass
def two(a, b): pass
def three(a, b, c): pass
def optional(a, b=1): pass
def options(a=1, b=2): pass
def keyword(*, k): pass
def keywords(a, *, k, l): pass
def positional(a, b, /, c): pass
def variadic(a, *rest): pass
def everything(a, /, b, *rest, c, **others): pass


assert error(none, 1) == 'TypeError: none() takes 0 positional arguments but 1 was given'
assert error(none, 1, 2) == 'TypeError: none() takes 0 positional arguments but 2 were given'
assert error(none, x=1) == "TypeError: none() got an unexpected keyword argument 'x'"
assert error(one) == "TypeError: one() missing 1 required positional argument: 'a'"
assert error(one, 1, 2) == 'TypeError: one() takes 1 positional argument but 2 were given'
assert error(one, b=1) == "TypeError: one() got an unexpected keyword argument 'b'"
assert error(one, 1, a=1) == "TypeError: one() got multiple values for argument 'a'"
assert error(two) == "TypeError: two() missing 2 required positional arguments: 'a' and 'b'"
assert error(two, 1) == "TypeError: two() missing 1 required positional argument: 'b'"
assert error(two, b=1) == "TypeError: two() missing 1 required positional argument: 'a'"
assert error(two, 1, 2, 3) == 'TypeError: two() takes 2 positional arguments but 3 were given'
assert error(three) == "TypeError: three() missing 3 required positional arguments: 'a', 'b', and 'c'"
assert error(three, 1) == "TypeError: three() missing 2 required positional arguments: 'b' and 'c'"
assert error(three, 1, 2, 3, 4, 5) == 'TypeError: three() takes 3 positional arguments but 5 were given'
assert error(optional) == "TypeError: optional() missing 1 required positional argument: 'a'"
assert error(optional, 1, 2, 3) == 'TypeError: optional() takes from 1 to 2 positional arguments but 3 were given'
assert error(options, 1, 2, 3) == 'TypeError: options() takes from 0 to 2 positional arguments but 3 were given'
assert error(options, 1, 2, 3, c=1) == "TypeError: options() got an unexpected keyword argument 'c'"
assert error(options, bb=1) == "TypeError: options() got an unexpected keyword argument 'bb'. Did you mean 'b'?"
assert error(keyword) == "TypeError: keyword() missing 1 required keyword-only argument: 'k'"
assert error(keyword, 1) == 'TypeError: keyword() takes 0 positional arguments but 1 was given'
assert error(keyword, 1, k=2) == 'TypeError: keyword() takes 0 positional arguments but 1 positional argument (and 1 keyword-only argument) were given'
assert error(keyword, kk=2) == "TypeError: keyword() got an unexpected keyword argument 'kk'. Did you mean 'k'?"
assert error(keywords) == "TypeError: keywords() missing 1 required positional argument: 'a'"
assert error(keywords, 1) == "TypeError: keywords() missing 2 required keyword-only arguments: 'k' and 'l'"
assert error(keywords, 1, 2, k=1) == 'TypeError: keywords() takes 1 positional argument but 2 positional arguments (and 1 keyword-only argument) were given'
assert error(positional, 1, 2) == "TypeError: positional() missing 1 required positional argument: 'c'"
assert error(positional, 1, b=2, c=3) == "TypeError: positional() got some positional-only arguments passed as keyword arguments: 'b'"
assert error(variadic) == "TypeError: variadic() missing 1 required positional argument: 'a'"
assert error(variadic, a=1) == 'no error'
assert error(variadic, 1, a=1) == "TypeError: variadic() got multiple values for argument 'a'"
assert error(everything) == "TypeError: everything() missing 2 required positional arguments: 'a' and 'b'"
assert error(everything, 1) == "TypeError: everything() missing 1 required positional argument: 'b'"
assert error(everything, 1, 2, b=1, c=1) == "TypeError: everything() got multiple values for argument 'b'"
assert error(everything, 1, 2, 3, 4) == "TypeError: everything() missing 1 required keyword-only argument: 'c'"
assert error(everything, 1, 2, c=3, a=4) == 'no error'

assert error(lambda: one(**{"a": 1}, **{"a": 2})) == "TypeError: __main__.one() got multiple values for keyword argument 'a'"
assert error(lambda: one(a=1, **{"a": 2})) == "TypeError: __main__.one() got multiple values for keyword argument 'a'"
assert error(lambda: one(**{1: 2})) == 'TypeError: keywords must be strings'
assert error(lambda: one(*5)) == 'TypeError: __main__.one() argument after * must be an iterable, not int'
assert error(lambda: one(**5)) == 'TypeError: __main__.one() argument after ** must be a mapping, not int'
assert error(lambda: 5()) == "TypeError: 'int' object is not callable"
assert error(lambda: None.x) == "AttributeError: 'NoneType' object has no attribute 'x'"
assert error(lambda: "text"()) == "TypeError: 'str' object is not callable"
assert error(lambda: [].push(1)) == "AttributeError: 'list' object has no attribute 'push'"
assert error(lambda: none.missing) == "AttributeError: 'function' object has no attribute 'missing'"


class Thing:
    def __init__(self, x):
        self.x = x

    def method(self, y):
        return self.x + y

    @staticmethod
    def static(y):
        return y

    @classmethod
    def make(cls, y):
        return cls(y)


class Plain:
    pass


class Callable:
    def __call__(self, a):
        return a


assert error(Thing) == "TypeError: Thing.__init__() missing 1 required positional argument: 'x'"
assert error(Thing, 1, 2) == 'TypeError: Thing.__init__() takes 2 positional arguments but 3 were given'
assert error(Thing, y=1) == "TypeError: Thing.__init__() got an unexpected keyword argument 'y'"
assert error(Thing(1).method) == "TypeError: Thing.method() missing 1 required positional argument: 'y'"
assert error(Thing(1).method, 1, 2) == 'TypeError: Thing.method() takes 2 positional arguments but 3 were given'
assert error(Thing.method) == "TypeError: Thing.method() missing 2 required positional arguments: 'self' and 'y'"
assert error(Thing.static) == "TypeError: Thing.static() missing 1 required positional argument: 'y'"
assert error(Thing.make) == "TypeError: Thing.make() missing 1 required positional argument: 'y'"
assert error(Plain, 1) == 'TypeError: Plain() takes no arguments'
assert error(Plain, x=1) == 'TypeError: Plain() takes no arguments'
assert error(Plain()) == "TypeError: 'Plain' object is not callable"
assert error(Callable()) == "TypeError: Callable.__call__() missing 1 required positional argument: 'a'"
assert error(lambda: Thing(1).missing) == "AttributeError: 'Thing' object has no attribute 'missing'"
assert error(lambda: Thing.missing) == "AttributeError: type object 'Thing' has no attribute 'missing'"

# The same errors out of loops that are compiled.


def loop(function, arguments, n):
    failed = 0
    for i in range(n):
        if i % 100 == 99:
            try:
                function(*arguments, 1)
            except TypeError as exception:
                failed += 1
                text = str(exception)
        else:
            function(*arguments)
    return failed, text


assert loop(two, (1, 2), 1000) == (10, 'two() takes 2 positional arguments but 3 were given')
assert loop(Thing, (1,), 1000) == (10, 'Thing.__init__() takes 2 positional arguments but 3 were given')


def wrong_now_and_then(n):
    failed = 0
    for i in range(n):
        try:
            if i % 10 == 0:
                two(i)
            two(i, i)
        except TypeError:
            failed += 1
    return failed


assert wrong_now_and_then(1000) == 100
