# The exception that ends a program, raised out of a compiled loop through a call that the loop inlined.


def risky(i):
    if i == 5000:
        raise ValueError(f"at {i}")  # raises: ValueError: at 5000
    return i


total = 0
for i in range(10000):
    total += risky(i)
