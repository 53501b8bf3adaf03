"""Intensity of rain by duration and return period, from a table with one row a place and branch."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log, log10
from pathlib import Path
from typing import NamedTuple

from citytwin.errors import InputError, ScenarioError, UnknownNameError
from citytwin.tables import number, read_rows, table_path

MINUTE = 60.0
_MILLIMETRE = 1e-3
#: Millimetres a minute in one of the unit; a litre a second on a hectare is 0.1 mm in 1000 s.
_UNITS = {"L/(s ha)": 0.006, "mm/min": 1.0}
_COLUMNS = (
    "name", "place", "kind", *(f"c{k}" for k in range(1, 10)), "unit", "years_from", "years_to",
    "minutes_from", "minutes_to", "peak", "status", "source", "verified",
)  # fmt: skip


class Terms(NamedTuple):
    """Mean intensity ``a / (t + b)**n`` of a return period: a [mm/min · min^n], t and b [min]."""

    a: float
    b: float
    n: float

    def depth(self, duration: float) -> float:
        """Depth of the heaviest rain of a duration [m].

        Parameters
        ----------
        duration
            Seconds; 0 or more.
        """
        minutes = duration / MINUTE
        return _MILLIMETRE * self.a * minutes / float((minutes + self.b) ** self.n)


def _lg(c: tuple[float, ...], years: float) -> Terms:
    return Terms(c[0] * (1.0 + c[1] * log10(years)), c[2], c[3])


def _ln(c: tuple[float, ...], years: float) -> Terms:
    a, b, n = (c[k] + c[k + 1] * log(years - c[k + 2]) for k in (0, 3, 6))
    return Terms(a, b, n)


def _power(c: tuple[float, ...], years: float) -> Terms:
    lg = log10(years)
    return Terms(c[0] * (years ** c[1] - c[2]), c[3] + c[4] * lg, c[5] + c[6] * lg)


#: Kind of formula to how many coefficients it has and how they give the terms.
_KINDS: dict[str, tuple[int, Callable[[tuple[float, ...], float], Terms]]] = {
    "lg": (4, _lg),
    "ln": (9, _ln),
    "power": (7, _power),
}


@dataclass(frozen=True)
class Formula:
    """One row of the table.

    Attributes
    ----------
    name, place
        By which it is chosen, and where it holds.
    kind, coefficients, unit
        Form of the formula, as the table's head says.
    years, minutes
        Smallest and largest return period [a] and duration [min].
    peak
        Share of a storm before its peak [1], NaN where none is published.
    status, source, verified
        How far it is to be trusted.
    """

    name: str
    place: str
    kind: str
    coefficients: tuple[float, ...]
    unit: str
    years: tuple[float, float]
    minutes: tuple[float, float]
    peak: float
    status: str
    source: str
    verified: bool

    def terms(self, years: float) -> Terms:
        """Terms of a return period [a], which is not checked against the range."""
        a, b, n = _KINDS[self.kind][1](self.coefficients, years)
        return Terms(a * _UNITS[self.unit], b, n)

    def holds(self, years: float, duration: float) -> bool:
        """Whether a return period [a] and a duration [s] are in its range."""
        minutes = duration / MINUTE
        return (
            self.years[0] <= years <= self.years[1]
            and self.minutes[0] <= minutes <= self.minutes[1]
        )

    @property
    def words(self) -> str:
        """Name, and what is to be known before it is believed."""
        doubts = [self.status] if self.status != "current" else []
        if not self.verified:
            doubts.append("not verified")
        return f"{self.name} ({', '.join(doubts)})" if doubts else self.name


def read_formulas(path: Path | None = None) -> dict[str, tuple[Formula, ...]]:
    """Branches of every formula of a table, by name.

    Parameters
    ----------
    path
        The table; the one that comes with citytwin if None.

    Raises
    ------
    InputError
        If a row cannot be understood.
    """
    path = path or table_path("idf.csv")
    found: dict[str, tuple[Formula, ...]] = {}
    for row in read_rows(path, _COLUMNS):
        formula = _formula(row, path)
        found[formula.name] = (*found.get(formula.name, ()), formula)
    return found


def choose_formula(name: str, years: float, duration: float, path: Path | None = None) -> Formula:
    """Branch of a formula that holds for a return period and a duration; the later row if two do.

    Parameters
    ----------
    name
        Of the formula, as in the table.
    years, duration
        Return period [a] and duration [s].
    path
        The table; the one that comes with citytwin if None.

    Raises
    ------
    UnknownNameError
        If no row has that name.
    ScenarioError
        If no branch holds.
    """
    formulas = read_formulas(path)
    if name not in formulas:
        raise UnknownNameError(
            f"there is no storm formula called '{name}': choose one of {', '.join(formulas)}"
        )
    branches = formulas[name]
    fitting = [branch for branch in branches if branch.holds(years, duration)]
    if not fitting:
        raise ScenarioError(
            f"the storm formula {name} does not reach to a storm of {years:g} a and "
            f"{duration / MINUTE:g} min: it holds for {_span([b.years for b in branches])} a and "
            f"{_span([b.minutes for b in branches])} min; change return_period_y or rain_h, or the "
            "shape where an scs storm lasts for 24 h"
        )
    return fitting[-1]


def _span(ranges: list[tuple[float, float]]) -> str:
    return f"{min(low for low, _ in ranges):g} to {max(high for _, high in ranges):g}"


def _formula(row: dict[str, str], path: Path) -> Formula:
    where = f"line {row['line']} of the table {path}"
    for column, allowed in (("kind", tuple(_KINDS)), ("unit", tuple(_UNITS)),
                            ("verified", ("yes", "no"))):  # fmt: skip
        if row[column] not in allowed:
            raise InputError(
                f"'{column}' in {where} is '{row[column]}': give one of {', '.join(allowed)}"
            )
    count = _KINDS[row["kind"]][0]
    numbers = {
        column: number(row, column, path)
        for column in (*(f"c{k + 1}" for k in range(count)), "years_from", "years_to",
                       "minutes_from", "minutes_to")
    }  # fmt: skip
    peak = number(row, "peak", path) if row["peak"] else float("nan")
    years = (numbers["years_from"], numbers["years_to"])
    minutes = (numbers["minutes_from"], numbers["minutes_to"])
    if not (0.0 < years[0] <= years[1] < inf and 0.0 < minutes[0] <= minutes[1] < inf):
        raise InputError(f"{where} has a range that is empty or not above 0: mend its ends")
    return Formula(
        name=row["name"],
        place=row["place"],
        kind=row["kind"],
        coefficients=tuple(numbers[f"c{k + 1}"] for k in range(count)),
        unit=row["unit"],
        years=years,
        minutes=minutes,
        peak=peak,
        status=row["status"],
        source=row["source"],
        verified=row["verified"] == "yes",
    )
