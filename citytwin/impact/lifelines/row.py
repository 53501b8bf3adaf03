"""A facility that is out of service, as an impact lists it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OutOfService:
    """A facility that is out of service.

    Attributes
    ----------
    name, name_zh
        What people call it.
    kind, kind_title, kind_title_zh
        Its kind.
    at
        Longitude and latitude [degrees].
    lifeline
        Whether it is of the recipe; else the map knows it.
    fails_s
        When it fails by itself [s]; none if it does not.
    dark_s
        When it is out of service [s].
    because
        ``water``, ``fire``, ``gas``, ``shaking``; ``supply`` where it is without what it needs;
        ``before`` where it was out of service when the event began.
    cause, root
        The facility without which it is, and the one whose failure is behind that; its own name where
        it failed by itself.
    words, words_zh
        All this as a sentence.
    probability
        How likely it is out of service, where that is random.
    """

    name: str
    name_zh: str
    kind: str
    kind_title: str
    kind_title_zh: str
    at: tuple[float, float]
    lifeline: bool
    fails_s: float | None
    dark_s: float
    because: str
    cause: str
    root: str
    words: str
    words_zh: str
    probability: float | None = None
