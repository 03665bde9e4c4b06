"""Buffers for pickling out of band; everything else of the module pickle is written in Python."""

_FROM_PICKLE = {
    "Pickler": "_Pickler",
    "Unpickler": "_Unpickler",
    "dump": "_dump",
    "dumps": "_dumps",
    "load": "_load",
    "loads": "_loads",
    "PickleError": "PickleError",
    "PicklingError": "PicklingError",
    "UnpicklingError": "UnpicklingError",
}


def __getattr__(name):
    # The module pickle asks for these names last, when it has its own.
    import pickle
    try:
        return getattr(pickle, _FROM_PICKLE[name])
    except KeyError:
        raise AttributeError(f"module '_pickle' has no attribute '{name}'") from None


class PickleBuffer:
    """A wrapper of an object with a buffer, which may be pickled out of band."""

    __slots__ = ("_view", "__weakref__")
    __module__ = "pickle"

    def __new__(cls, object, /):
        try:
            view = memoryview(object)
        except TypeError:
            raise TypeError(f"a bytes-like object is required, not '{type(object).__name__}'") from None
        self = super().__new__(cls)
        self._view = view
        return self

    def __init_subclass__(cls, /, **keywords):
        raise TypeError("type 'pickle.PickleBuffer' is not an acceptable base type")

    def _given(self):
        if self._view is None:
            raise ValueError("operation forbidden on released PickleBuffer object")
        return self._view

    def __buffer__(self, flags, /):
        return memoryview(self._given())

    def raw(self):
        """Return a memoryview of the raw memory underlying this buffer, as bytes in one dimension."""
        view = self._given()
        if not view.contiguous:
            raise BufferError("cannot extract raw buffer from non-contiguous buffer")
        if view.c_contiguous:
            return view.cast("B")
        return memoryview(view.tobytes("A"))

    def release(self):
        """Release the underlying buffer."""
        view, self._view = self._view, None
        if view is not None:
            try:
                view.release()
            except BufferError:
                pass
