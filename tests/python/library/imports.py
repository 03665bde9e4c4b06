# The import system: packages, namespace packages, bytecode files, archives, errors.
import os
import sys

folder = f"/tmp/typhon-imports-{os.getpid()}"
os.mkdir(folder)
written = []


def write(path, data):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(data, bytes) else "w") as file:
        file.write(data)
    written.append(path)
    sys.path_importer_cache.clear()
    return path


def remove(path):
    for name in os.listdir(path):
        name = os.path.join(path, name)
        remove(name) if os.path.isdir(name) else os.unlink(name)
    os.rmdir(path)


def fails(code, kind, text, **attributes):
    try:
        exec(code, {"__name__": "tester", "__package__": ""})
    except kind as error:
        assert str(error) == text, str(error)
        for name, value in attributes.items():
            assert getattr(error, name) == value, (name, getattr(error, name))
    else:
        assert False, code


sys.path.insert(0, folder)
sys.dont_write_bytecode = False
try:
    # A package with a submodule, relative imports, attributes of modules.
    write("package/__init__.py", "from . import one\nfrom .one import value as renamed\n")
    write("package/one.py", "from .two import *\nvalue = 1\n")
    write("package/two.py", "__all__ = ['star']\nstar = _hidden = 2\n")
    import package.two
    assert package.renamed == 1 and package.one.star == 2 and not hasattr(package.one, "_hidden")
    assert package.__path__ == [folder + "/package"] and package.__package__ == "package"
    assert package.one.__package__ == "package" and package.one.__name__ == "package.one"
    assert package.one.__file__ == folder + "/package/one.py"
    spec = package.one.__spec__
    assert spec.name == "package.one" and spec.origin == package.one.__file__ and spec.parent == "package"
    assert type(spec.loader).__name__ == "SourceFileLoader" and package.one.__loader__ is spec.loader
    assert spec.loader.get_data(spec.origin).startswith(b"from .two")
    assert repr(package) == f"<module 'package' from '{folder}/package/__init__.py'>"

    # Bytecode lies beside the source, is used without it, and is renewed with it.
    cached = spec.cached
    assert cached == f"{folder}/package/__pycache__/one.{sys.implementation.cache_tag}.pyc"
    assert os.path.exists(cached)
    write("package/one.py", "from .two import *\nvalue = 111\n")
    del sys.modules["package.one"]
    import package.one
    assert package.one.value == 111
    write("solo.py", "value = 5\n")
    import solo
    os.rename(solo.__cached__, folder + "/alone.pyc")
    sys.path_importer_cache.clear()
    import alone
    assert alone.value == 5 and alone.__file__ == folder + "/alone.pyc"

    # A folder without __init__ is a namespace package, made of all such folders.
    write("space/part.py", "here = __name__\n")
    second = folder + "/second"
    write("second/space/other.py", "here = __name__\n")
    sys.path.append(second)
    import space.part, space.other
    assert space.part.here == "space.part" and space.other.here == "space.other"
    assert list(space.__path__) == [folder + "/space", second + "/space"]
    assert space.__spec__.origin is None and space.__spec__.loader is not None

    # Modules that import each other see what is there so far.
    write("left.py", "import right\nvalue = 1\n")
    write("right.py", "import left\nassert left.__spec__._initializing\n")
    import left
    assert sys.modules["right"].left is left

    # An error in a module leaves no trace of it; a module may replace itself.
    write("broken.py", "1 / 0\n")
    fails("import broken", ZeroDivisionError, "division by zero")
    assert "broken" not in sys.modules
    write("replaced.py", "import sys\nsys.modules[__name__] = 'something'\n")
    import replaced
    assert replaced == "something"

    # Archives.
    name, source = b"zipped.py", b"value = 'from the archive'\n"
    crc = 0xFFFFFFFF
    for byte in source:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    numbers = crc.to_bytes(4, "little") + len(source).to_bytes(4, "little") * 2 + len(name).to_bytes(2, "little")
    local = b"PK\3\4\x14\0\0\0\0\0\0\0\x21\0" + numbers + b"\0\0" + name + source
    central = b"PK\1\2\x14\0\x14\0\0\0\0\0\0\0\x21\0" + numbers + b"\0" * 16 + name
    end = b"PK\5\6\0\0\0\0\1\0\1\0" + len(central).to_bytes(4, "little") + len(local).to_bytes(4, "little") + b"\0\0"
    archive = write("archive.zip", local + central + end)
    sys.path.append(archive)
    import zipped
    assert zipped.value == "from the archive" and zipped.__file__ == archive + "/zipped.py"
    assert type(zipped.__loader__).__name__ == "zipimporter"

    # Errors.
    fails("import nothing", ModuleNotFoundError, "No module named 'nothing'", name="nothing")
    fails("import nothing.more", ModuleNotFoundError, "No module named 'nothing'", name="nothing")
    fails("import package.nothing", ModuleNotFoundError, "No module named 'package.nothing'", name="package.nothing")
    fails("import sys.nothing", ModuleNotFoundError, "No module named 'sys.nothing'; 'sys' is not a package", name="sys.nothing")
    fails("from sys import nothing", ImportError, "cannot import name 'nothing' from 'sys' (unknown location)", name="sys", name_from="nothing")
    fails("from package import nothing", ImportError, f"cannot import name 'nothing' from 'package' ({folder}/package/__init__.py)")
    fails("from . import nothing", ImportError, "attempted relative import with no known parent package")
    write("package/far.py", "from ...far import away\n")
    fails("import package.far", ImportError, "attempted relative import beyond top-level package")
    write("first.py", "import later\nvalue = 1\n")
    write("later.py", "from first import value\n")
    fails("import first", ImportError, "cannot import name 'value' from partially initialized module 'first' "
          f"(most likely due to a circular import) ({folder}/first.py)")
    write("later.py", "import first\nfirst.value # changed\n")
    fails("import first", AttributeError, f"partially initialized module 'first' from '{folder}/first.py' has no attribute "
          "'value' (most likely due to a circular import)")
    sys.modules["blocked"] = None
    fails("import blocked", ModuleNotFoundError, "import of blocked halted; None in sys.modules", name="blocked")
    fails("__import__('')", ValueError, "Empty module name")
    fails("__import__(1)", TypeError, "module name must be a string")
    fails("__import__('x', level=-1)", ValueError, "level must be >= 0")
    fails("__import__('package', fromlist=[1])", TypeError, "Item in ``from list'' must be str, not int")
    write("stars.py", "__all__ = ['nothing']\n")
    fails("from stars import *", AttributeError, "module 'stars' has no attribute 'nothing'")

    # __import__ decides what the statement does.
    import builtins
    calls = []
    original = builtins.__import__

    def spy(*arguments):
        calls.append((arguments[0], *arguments[3:]))
        return original(*arguments)

    builtins.__import__ = spy
    try:
        import package.two as found
        from package import one
    finally:
        builtins.__import__ = original
    assert found is package.two
    assert calls == [("package.two", None, 0), ("package", ("one",), 0)], calls
finally:
    remove(folder)
