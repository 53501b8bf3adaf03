"""Design storms: a depth by formula or given, and its shape in time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite, isnan
from pathlib import Path

import numpy as np

from citytwin.errors import ScenarioError, UnknownNameError
from citytwin.hazards.flood.rain.formulas import MINUTE, Formula, Terms, choose_formula
from citytwin.hazards.flood.rain.shapes import Chicago, Steps, Triangle, alternating_blocks
from citytwin.tables import number, read_rows, table_path

Storm = Steps | Triangle | Chicago
HOUR = 3600.0
DAY = 24.0 * HOUR
#: Share of the storm before its peak where neither the scenario nor the formula gives one: assumed.
USUAL_PEAK = 0.4
#: More blocks than this say nothing more.
MOST_BLOCKS = 10_000
_DISTRIBUTION_COLUMNS = ("type", "hour", "share", "source", "verified")


@dataclass(frozen=True)
class _Wish:
    """What the scenario asks for, checked."""

    kind: str
    formula: Formula | None
    years: float
    total: float | None
    duration: float
    peak: float
    block: float
    distribution: str

    @property
    def terms(self) -> Terms:
        """Terms of the formula for the return period."""
        if self.formula is None:
            raise ScenarioError(
                f"a storm of the kind '{self.kind}' needs a 'formula' and 'years': give them"
            )
        return self.formula.terms(self.years)

    @property
    def depth(self) -> float:
        """Depth given, else by the formula [m]."""
        return self.total if self.total is not None else self.terms.depth(self.duration)

    def words(self, shape: str) -> str:
        """The storm in one sentence."""
        depth = f"{self.depth * 1e3:.1f} mm in {self.duration / MINUTE:g} min"
        if self.formula is None:
            return f"{shape} storm of {depth}."
        often = f"once in {self.years:g} {_years(self.years)}"
        return f"{shape} storm of {depth}, {often} by {self.formula.words}."


def _years(count: float) -> str:
    return "year" if count == 1.0 else "years"


def design_storm(
    kind: str,
    *,
    formula: str = "",
    years: float | None = None,
    total: float | None = None,
    duration: float = HOUR,
    peak: float | None = None,
    block: float = 5.0 * MINUTE,
    distribution: str = "II",
    table: Path | None = None,
) -> Storm:
    """Storm for design or drill, starting at time 0.

    Parameters
    ----------
    kind
        ``chicago`` or ``alternating``, by a formula; ``triangular`` or ``even``, by a formula or a
        depth; ``scs``, the depth of 24 hours by one of the distributions for the United States.
    formula, years
        Name of the storm formula, and the return period [a].
    total
        Depth [m]; instead of a formula.
    duration
        Of the storm [s]; always a day for ``scs``.
    peak
        Share of the storm before its peak, 0 to 1; the formula's own, else 0.4, if None.
    block
        Length of a block of ``alternating`` [s].
    distribution
        ``I``, ``IA``, ``II`` or ``III``, of ``scs``.
    table
        Table of formulas; the one that comes with citytwin if None.

    Raises
    ------
    ScenarioError
        If something is missing, given twice or out of range.
    UnknownNameError
        If the kind, the formula or the distribution is unknown.
    """
    if kind not in _SHAPES:
        raise UnknownNameError(
            f"there is no storm of the kind '{kind}': choose one of {', '.join(_SHAPES)}"
        )
    if kind == "scs":
        duration = DAY
    _check(formula, years, total, duration, peak)
    chosen = choose_formula(formula, years or 0.0, duration, table) if formula else None
    own = chosen.peak if chosen else float("nan")
    given = own if peak is None else peak
    wish = _Wish(
        kind=kind,
        formula=chosen,
        years=years or 0.0,
        total=total,
        duration=duration,
        peak=USUAL_PEAK if isnan(given) else given,
        block=block,
        distribution=distribution,
    )
    if chosen and (1.0 - wish.terms.n) * duration / MINUTE + wish.terms.b <= 0.0:
        raise ScenarioError(
            f"by the storm formula {formula} less falls in {duration / MINUTE:g} min than in a "
            "shorter time: lower rain_h"
        )
    return _SHAPES[kind](wish)


def _check(
    formula: str,
    years: float | None,
    total: float | None,
    duration: float,
    peak: float | None,
) -> None:
    """Refuse what no storm can be made of."""
    if not (isfinite(duration) and duration > 0.0):
        raise ScenarioError(f"'duration' of the storm is {duration:g} s: give more than 0")
    if peak is not None and not 0.0 <= peak <= 1.0:
        raise ScenarioError(f"'peak' of the storm is {peak:g}: give a share from 0 to 1")
    if total is not None and not (isfinite(total) and total >= 0.0):
        raise ScenarioError(f"'total' of the storm is {total:g} m: give 0 or more")
    if formula and total is not None:
        raise ScenarioError("the storm has both a 'formula' and a 'total': give one of them")
    if formula and (years is None or not (isfinite(years) and years > 0.0)):
        raise ScenarioError(
            f"the storm formula {formula} needs a return period in 'years' above 0: give one"
        )
    if not formula and total is None:
        raise ScenarioError("the storm has no depth: give a 'total', or a 'formula' and 'years'")


def _chicago(wish: _Wish) -> Storm:
    return Chicago(wish.terms, wish.duration, wish.peak, wish.words("Chicago"))


def _alternating(wish: _Wish) -> Storm:
    count = wish.duration / wish.block if wish.block > 0.0 else float("inf")
    if count > MOST_BLOCKS or abs(count - round(count)) > 1e-9 * count or count < 1.0:
        raise ScenarioError(
            f"blocks of {wish.block:g} s do not go into a storm of {wish.duration:g} s a whole number "
            f"of times up to {MOST_BLOCKS}: change rain_h"
        )
    shortest = 0.0 if wish.formula is None else wish.formula.minutes[0] * MINUTE
    if wish.block < shortest:
        raise ScenarioError(
            f"'block' of the storm is {wish.block:g} s, shorter than the {shortest:g} s from which "
            "the storm formula holds: give a longer one"
        )
    storm = alternating_blocks(wish.terms, wish.duration, wish.block, wish.peak)
    return replace(storm, words=wish.words("Alternating-block"))


def _triangular(wish: _Wish) -> Storm:
    return Triangle(wish.depth, wish.duration, wish.peak, wish.words("Triangular"))


def _even(wish: _Wish) -> Storm:
    times, fallen = np.array([0.0, wish.duration]), np.array([0.0, wish.depth])
    return Steps(times, fallen, wish.words("Even"))


def _scs(wish: _Wish) -> Storm:
    path = table_path("storm_distributions.csv")
    rows = read_rows(path, _DISTRIBUTION_COLUMNS)
    own = [row for row in rows if row["type"] == wish.distribution]
    if not own:
        known = ", ".join(dict.fromkeys(row["type"] for row in rows))
        raise UnknownNameError(
            f"there is no SCS distribution '{wish.distribution}': choose one of {known}"
        )
    hours = np.array([number(row, "hour", path) for row in own])
    shares = np.array([number(row, "share", path) for row in own])
    return Steps(hours * HOUR, shares * wish.depth, wish.words(f"SCS type {wish.distribution}"))


_SHAPES: dict[str, Callable[[_Wish], Storm]] = {
    "chicago": _chicago,
    "alternating": _alternating,
    "triangular": _triangular,
    "even": _even,
    "scs": _scs,
}
