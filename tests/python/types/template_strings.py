# Template strings (PEP 750).


def outcome(run, *arguments):
    try:
        return run(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


x = 5
template = t"a{x}b{x + 1!r:>{x}}{x=}"
Template, Interpolation = type(template), type(template.interpolations[0])
assert template.strings == ("a", "b", "x=", "") and template.values == (5, 6, 5)
assert repr(template) == (
    "Template(strings=('a', 'b', 'x=', ''), interpolations=(Interpolation(5, 'x', None, ''), "
    "Interpolation(6, 'x + 1', 'r', '>5'), Interpolation(5, 'x', 'r', '')))"
)
first, second, third = template.interpolations
assert list(template) == ["a", first, "b", second, "x=", third]
assert (second.value, second.expression, second.conversion, second.format_spec) == (6, "x + 1", "r", ">5")
assert t"".strings == ("",) and list(t"") == [] and (t"a" t"b{x}").strings == ("ab", "")

# Built by hand and added.
assert Template("a", "b", first, second, "c").strings == ("ab", "", "c")
assert Template().strings == ("",)
assert outcome(Template, 1) == "TypeError: Template.__new__ *args need to be of type 'str' or 'Interpolation', got int"
assert (template + t"!{x}").strings == ("a", "b", "x=", "!", "")
assert outcome(lambda: template + "a") == (
    'TypeError: can only concatenate string.templatelib.Template (not "str") to string.templatelib.Template'
)
made = Interpolation(1, "e", "s", "f")
assert repr(made) == "Interpolation(1, 'e', 's', 'f')" and repr(Interpolation(1)) == "Interpolation(1, '', None, '')"
for arguments, text in [
    ((), "TypeError: Interpolation() missing required argument 'value' (pos 1)"),
    ((1, 2), "TypeError: Interpolation() argument 'expression' must be str, not int"),
    ((1, "a", 5), "TypeError: Interpolation() argument 'conversion' must be str, not int"),
    ((1, "a", "x"), "ValueError: Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"),
    ((1, "a", "r", 5), "TypeError: Interpolation() argument 'format_spec' must be str, not int"),
]:
    assert outcome(Interpolation, *arguments) == text, outcome(Interpolation, *arguments)
assert outcome(setattr, template, "strings", ()) == "AttributeError: readonly attribute"
assert outcome(setattr, template, "values", ()) == (
    "AttributeError: attribute 'values' of 'string.templatelib.Template' objects is not writable"
)
assert repr(Template[int]) == "string.templatelib.Template[int]"
match second:
    case Interpolation(value, expression, conversion, specification):
        assert (value, expression, conversion, specification) == (6, "x + 1", "r", ">5")
match template:
    case Template(strings=("a", *_)):
        pass
    case _:
        raise AssertionError


def rendered(template):
    parts = []
    for part in template:
        parts.append(part if isinstance(part, str) else format(part.value, part.format_spec))
    return "".join(parts)


assert "".join(rendered(t"<{turn:>3}>") for turn in range(3)) == "<  0><  1><  2>"
