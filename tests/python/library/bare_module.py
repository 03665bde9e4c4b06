# A module without `__name__` and `__spec__` lacks attributes like any other.
from types import ModuleType

module = ModuleType.__new__(ModuleType)
assert not hasattr(module, "__name__") and not hasattr(module, "anything")
module.anything = 1
assert module.anything == 1
