"""The city file: one DuckDB file with layers, cells and where they come from."""

from typing import TYPE_CHECKING

from citytwin.lazy import lazily

if TYPE_CHECKING:
    from citytwin.city.city import City

__all__ = ["City"]

__getattr__ = lazily(__name__, {"City": "citytwin.city.city"})
