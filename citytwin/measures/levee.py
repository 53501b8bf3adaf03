"""A levee or dam: an earth bank that can breach."""

from typing import ClassVar

from citytwin.measures.wall import Wall
from citytwin.registry import measures


@measures.register
class Levee(Wall):
    """A levee, dike or dam: as a wall, of earth; a breach of the event may open it."""

    kind: ClassVar[str] = "levee"
    title: ClassVar[str] = "Levee"
    title_zh: ClassVar[str] = "堤防"
