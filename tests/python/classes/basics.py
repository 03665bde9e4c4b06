# Classes, attributes, methods, inheritance, properties, special methods.


class Point:
    """A point."""

    dimensions = 2

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x and self.y == other.y

    def __repr__(self):
        return f"Point({self.x}, {self.y})"

    def dot(self, other):
        return self.x * other.x + self.y * other.y


assert Point(1, 2) + Point(3, 4) == Point(4, 6)
assert Point(1, 2) != Point(1, 3)
assert repr(Point(1, 2)) == "Point(1, 2)"
assert Point.__name__ == "Point"
assert Point.__doc__ == "A point."
assert Point.__mro__ == (Point, object)
assert Point(1, 2).__dict__ == {"x": 1, "y": 2}
assert Point(0, 0).dimensions == 2


def walk(n):
    position = Point(0, 0)
    step = Point(1, 2)
    for i in range(n):
        position = position + step
    return position


assert walk(2000) == Point(2000, 4000)


def dots(n):
    p = Point(1, 2)
    total = 0
    for i in range(n):
        p.x = i
        total += p.dot(p)
        p.y = p.x - 1
    return total


assert dots(1000) == 663673000


class Shape:
    def __init__(self, name):
        self.name = name

    def area(self):
        raise NotImplementedError

    def describe(self):
        return f"{self.name}: {self.area()}"


class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side

    def area(self):
        return self.side**2


class Rectangle(Shape):
    def __init__(self, width, height):
        super().__init__("rectangle")
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height


class Cube(Square):
    def area(self):
        return 6 * super().area()


assert Square(3).describe() == "square: 9"
assert Rectangle(2, 3).describe() == "rectangle: 6"
assert Cube(2).describe() == "square: 24"


def areas(n):
    shapes = [Square(2), Rectangle(2, 3), Cube(1)]
    total = 0
    for i in range(n):
        total += shapes[i % 3].area()
    return total


assert areas(3000) == 16000


class Celsius:
    def __init__(self, degrees):
        self._degrees = degrees

    @property
    def degrees(self):
        return self._degrees

    @degrees.setter
    def degrees(self, value):
        if value < -273:
            raise ValueError("too cold")
        self._degrees = value

    @property
    def fahrenheit(self):
        return self._degrees * 9 / 5 + 32


def heat(n):
    c = Celsius(0)
    total = 0
    for i in range(n):
        c.degrees = c.degrees + 1
        total += c.fahrenheit
    return total


assert heat(1000) == 932900.0
c = Celsius(1)
try:
    c.degrees = -300
except ValueError as error:
    assert str(error) == "too cold"
else:
    assert False
try:
    c.fahrenheit = 1
except AttributeError as error:
    assert str(error) == "property 'fahrenheit' of 'Celsius' object has no setter"
else:
    assert False


class Base:
    def who(self):
        return ["Base"]


class Left(Base):
    def who(self):
        return ["Left"] + super().who()


class Right(Base):
    def who(self):
        return ["Right"] + super().who()


class Both(Left, Right):
    def who(self):
        return ["Both"] + super().who()


assert Both().who() == ["Both", "Left", "Right", "Base"]
assert [c.__name__ for c in Both.__mro__] == ["Both", "Left", "Right", "Base", "object"]
assert isinstance(Both(), Right)
assert issubclass(Both, Base)
assert not issubclass(Base, Both)


class Dynamic:
    def __init__(self):
        self.log = []

    def __getattr__(self, name):
        if name.startswith("make_"):
            return name[5:]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        if name != "log":
            self.log.append(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        self.log.append("-" + name)
        object.__delattr__(self, name)


d = Dynamic()
d.x = 1
d.y = 2
del d.x
assert d.log == ["x", "y", "-x"]
assert d.make_thing == "thing"
assert not hasattr(d, "x")
assert getattr(d, "x", 5) == 5
setattr(d, "z", 3)
assert d.z == 3


class Counted:
    count = 0

    def __init__(self):
        Counted.count += 1
        self.number = Counted.count


for _ in range(500):
    last = Counted()
assert Counted.count == 500
assert last.number == 500


class Meta(type):
    def __new__(meta, name, bases, namespace, **options):
        namespace["options"] = options
        return super().__new__(meta, name, bases, namespace)

    def __call__(cls, *arguments):
        made = super().__call__(*arguments)
        made.made_by_meta = True
        return made


class WithMeta(metaclass=Meta, fast=True):
    def __init__(self, x):
        self.x = x


assert WithMeta.options == {"fast": True}
assert WithMeta(3).made_by_meta and WithMeta(3).x == 3


class Descriptor:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        return getattr(instance, self.name, 0)

    def __set__(self, instance, value):
        setattr(instance, self.name, value * 2)


class Described:
    field = Descriptor()


def descriptors(n):
    d = Described()
    total = 0
    for i in range(n):
        d.field = i
        total += d.field
    return total


assert descriptors(1000) == 999000
