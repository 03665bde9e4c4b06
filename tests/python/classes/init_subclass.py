# `__init_subclass__` is a class method without being declared one.


class Registered:
    known = []

    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        Registered.known.append(cls.__name__)


class FirstOne(Registered):
    pass


class SecondOne(FirstOne):
    pass


assert Registered.known == ["FirstOne", "SecondOne"]
