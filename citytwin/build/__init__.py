"""Build a city file from a recipe: sources, layers, cells, ground, totals, fingerprint, file."""

from citytwin.build.pipeline import build
from citytwin.build.recipe import Recipe, read_recipe

__all__ = ["Recipe", "build", "read_recipe"]
