"""Write a city in open formats, with metadata that name licences and attributions."""

from typing import TYPE_CHECKING

from citytwin.lazy import lazily

if TYPE_CHECKING:
    from citytwin.export.formats import FORMATS
    from citytwin.export.write import Exported, export

__all__ = ["FORMATS", "Exported", "export"]

__getattr__ = lazily(
    __name__,
    {
        "FORMATS": "citytwin.export.formats",
        "Exported": "citytwin.export.write",
        "export": "citytwin.export.write",
    },
)
