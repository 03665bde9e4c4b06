"""Importing from the packed standard library.

The library says that it lies in a folder, which is on sys.path, but the modules in it come out of the executable. Only who opens a file
there causes the files to be written.
"""

import _library
import sys
import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external


def _place(path):
    """The path below the library's folder, or None if it is not in there."""
    folder = _library.folder
    if path == folder:
        return ''
    if path.startswith(folder) and path[len(folder)] == '/':
        return path[len(folder) + 1:].rstrip('/')
    return None


class LibraryLoader(_external.SourceFileLoader):
    """Loads a module of the packed library."""

    def get_code(self, fullname):
        place = _place(self.path)
        code = None if place is None else _library.code(place, self.path)
        return super().get_code(fullname) if code is None else code

    def get_data(self, path):
        place = _place(path)
        data = None if place is None else _library.data(place)
        return super().get_data(path) if data is None else data

    def path_stats(self, path):
        place = _place(path)
        size = None if place is None else _library.size(place)
        return super().path_stats(path) if size is None else {'mtime': 0, 'size': size}

    def set_data(self, path, data, *, _mode=0o666):
        """Write no bytecode: it is packed already."""

    def get_resource_reader(self, name):
        _library.extract()
        return super().get_resource_reader(name)


class LibraryFinder:
    """Finds modules in a folder of the packed library."""

    def __init__(self, path):
        self.path = path
        self._folder = _place(path)

    def find_spec(self, fullname, target=None):
        found = _library.find(self._folder, fullname.rpartition('.')[2])
        if found is None:
            return None
        place, is_package = found
        path = f'{_library.folder}/{place}'
        locations = [path.rpartition('/')[0]] if is_package else None
        spec = _bootstrap.ModuleSpec(fullname, LibraryLoader(fullname, path), origin=path)
        spec.submodule_search_locations = locations
        spec._set_fileattr = True
        return spec

    def invalidate_caches(self):
        """Do nothing: the library does not change."""

    def iter_modules(self, prefix=''):
        """Names of modules, and whether they are packages, as pkgutil asks for them."""
        for name in _library.names(self._folder):
            if name.endswith('/'):
                if _library.find(self._folder, name[:-1]):
                    yield prefix + name[:-1], True
            elif name.endswith('.py') and name != '__init__.py':
                yield prefix + name[:-3], False

    @classmethod
    def path_hook(cls, path):
        """The finder for a folder of the library; ImportError for any other place."""
        place = _place(path)
        if place is None or (place and not _library.names(place)):
            raise ImportError('not in the packed library', path=path)
        return cls(path)

    def __repr__(self):
        return f'LibraryFinder({self.path!r})'


def _archive_hook(path):
    """The finder for an archive. What knows archives is imported by the first path that is no folder, and takes this function's place."""
    if _external._path_isdir(path):
        raise ImportError('not a Zip file', path=path)
    from zipimport import zipimporter
    hooks = sys.path_hooks
    if _archive_hook in hooks:
        hooks[hooks.index(_archive_hook)] = zipimporter
    return zipimporter(path)


def _install():
    """Let the import system find the library, and archives."""
    sys.path_hooks[:0] = [LibraryFinder.path_hook, _archive_hook]
