"""Stands for CPython's module of that name, so that tests load which use it for a few cases only. Those cases fail."""
