"""Verification cases: what is computed, what it must not exceed, who says so; and running them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from citytwin.arrays import AnyFloats
from citytwin.errors import AbsentError
from citytwin.grid.window import Grid

#: Text of something published, by its name: a file of a benchmark, a table of another program.
Published = Callable[[str], str]


@dataclass(frozen=True, eq=False)
class Site:
    """A real place for the verification cases that want one: cells and their layers."""

    name: str
    grid: Grid
    layers: Mapping[str, AnyFloats]


@dataclass(frozen=True)
class Law:
    """What must hold beside a case's figure, in the same computation.

    Attributes
    ----------
    name
        What it is, with its unit if it has one.
    figure, bound
        What was found, and what it must not exceed.
    """

    name: str
    figure: float
    bound: float

    @property
    def holds(self) -> bool:
        """True if the figure keeps to the bound."""
        return bool(self.figure <= self.bound)


@dataclass(frozen=True)
class Measured:
    """A figure, and the laws that were checked beside it."""

    figure: float
    laws: tuple[Law, ...] = ()


@dataclass(frozen=True)
class Verification:
    """One verification case: what is computed, what it must not exceed, and who says so.

    Attributes
    ----------
    name
        What is checked, in a few words.
    figure
        Computes the figure; receives a site, or none where the case needs none, and then the texts
        that ``needs`` names.
    bound
        The figure must lie at or below it.
    unit
        Unit of figure and bound.
    source
        Where the expected result comes from.
    needs_site
        True if the case runs on a real city.
    needs
        Names of published texts that it compares with; it is skipped where one is absent.
    """

    name: str
    figure: Callable[..., float | Measured]
    bound: float
    unit: str
    source: str
    needs_site: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verified:
    """Outcome of one verification case.

    Attributes
    ----------
    case, figure, laws
        The case, its figure, and the laws beside it.
    skipped
        Why it did not run; empty if it ran.
    """

    case: Verification
    figure: float
    laws: tuple[Law, ...] = ()
    skipped: str = ""
    passed: bool = field(init=False)

    def __post_init__(self) -> None:
        kept = self.figure <= self.case.bound and all(law.holds for law in self.laws)
        object.__setattr__(self, "passed", bool(kept))


def nothing_published(name: str) -> str:
    """Stand in for a reader where nothing published is at hand."""
    raise AbsentError(f"'{name}' is not here")


def verify(
    cases: tuple[Verification, ...], site: Site | None, published: Published = nothing_published
) -> list[Verified]:
    """Run verification cases; those that need a site are left out where there is none."""
    chosen = [case for case in cases if site is not None or not case.needs_site]
    return [_verified(case, site, published) for case in chosen]


def _verified(case: Verification, site: Site | None, published: Published) -> Verified:
    try:
        found = case.figure(site, *[published(name) for name in case.needs])
    except AbsentError as absent:
        return Verified(case, float("nan"), skipped=str(absent))
    if isinstance(found, Measured):
        return Verified(case, float(found.figure), found.laws)
    return Verified(case, float(found))
