"""The contract a plugin keeps, and the HTTP edge that serves it."""

from importlib.metadata import version

__version__ = version("abintel")
