"""The city file: one DuckDB file with layers, cells and where they come from."""

from citytwin.city.city import City

__all__ = ["City"]
