# Exception groups and `except*`.

try:
    raise ExceptionGroup("many", [ValueError(1), TypeError(2)])
except* ValueError as group:
    values = group.exceptions
except* TypeError as group:
    types = group.exceptions
assert values[0].args == (1,) and types[0].args == (2,)
