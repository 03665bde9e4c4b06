# All positional-only parameters given by name are listed.


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as exception:
        return f"{type(exception).__name__}: {exception}"
    return "no error"


def positional(a, b, /, c): pass


assert error(positional, a=1, b=2, c=3) == "TypeError: positional() got some positional-only arguments passed as keyword arguments: 'a, b'"
