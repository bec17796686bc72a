"""The contract between plugins and the server. Read :mod:`abintel.endpoint` first."""

from importlib.metadata import version

__version__ = version("abintel")
