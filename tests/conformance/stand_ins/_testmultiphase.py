"""Stands for CPython's module of that name, so that tests load which need it to be there. Cases that use it fail."""
