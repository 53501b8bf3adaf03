"""The command line."""

from citytwin.cli.main import main

__all__ = ["main"]
