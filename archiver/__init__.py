"""Collect, keep, search and show: the archive itself."""

__version__ = "0.1.0"
