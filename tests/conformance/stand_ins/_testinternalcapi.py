"""Stands for CPython's module of that name, so that tests load which use it for a few cases only."""


def has_inline_values(object):
    """Whether CPython would keep the attributes of an object inside it: never here."""
    return False
