"""From a recipe to a city file: sources, layers, cells, ground, people, totals, quality."""

from typing import TYPE_CHECKING

from citytwin.lazy import lazily

if TYPE_CHECKING:
    from citytwin.pipeline.recipe import Recipe, read_recipe
    from citytwin.pipeline.steps import build

__all__ = ["Recipe", "build", "read_recipe"]

__getattr__ = lazily(
    __name__,
    {
        "Recipe": "citytwin.pipeline.recipe",
        "build": "citytwin.pipeline.steps",
        "read_recipe": "citytwin.pipeline.recipe",
    },
)
