"""What the events of a risk say together: averages of a year, curves, what strategies are worth."""

from dataclasses import dataclass, field

import numpy as np

from citytwin.arrays import Floats
from citytwin.ensemble.doubts import all_notes
from citytwin.ensemble.member import Member
from citytwin.errors import BalanceError, InputError
from citytwin.impact.flood_damage import CURRENCY
from citytwin.impact.frequencies import DesignEvents, Point
from citytwin.impact.risk import Band, Worth, worth
from citytwin.risk.plan import Risk
from citytwin.risk.strategies import AS_IT_IS, Strategy

#: Relative difference of what cells add up to from the city's number above which a risk fails; cells
#: are kept in single precision.
_TOLERANCE = 1e-5


@dataclass(frozen=True, eq=False)
class Figure:
    """One number of the impact in one alternative.

    Attributes
    ----------
    impact
        (e,) in each event.
    annual
        Average of a year, with its band.
    averted
        What the alternative averts of it in a year; none as it is.
    curve
        Impact by return period.
    unit
        Its unit; empty for people and things.
    title, title_zh
        What people call it.
    """

    impact: Floats
    annual: Band
    averted: Band | None
    curve: list[Point]
    unit: str
    title: str
    title_zh: str


@dataclass(frozen=True, eq=False)
class Alternative:
    """What a risk is as it is, or with a strategy.

    Attributes
    ----------
    name
        Of the strategy.
    figures
        Numbers of the impact by name.
    maps
        (n,) average of a year on the cells by the number's name [unit/a], and ``exceeded``: how often
        the kept quantity reaches its value [1/a].
    worth
        What the strategy is worth by the middle, the low and the high of its band; empty where damage
        is in no money.
    """

    name: str
    figures: dict[str, Figure]
    maps: dict[str, Floats]
    worth: dict[str, Worth] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Reckoned:
    """All alternatives whose events are there.

    Attributes
    ----------
    alternatives
        As it is first.
    complete
        Whether none is missing.
    quantity, above
        Kept on the cells, and counted from.
    notes
        What a reader has to know.
    """

    alternatives: list[Alternative]
    complete: bool
    quantity: str
    above: float | None
    notes: list[str]


def reckon(
    risk: Risk, members: dict[str, list[Member]], quantity: str, above: float | None
) -> Reckoned:
    """Averages, curves and worth of the alternatives whose events are all there.

    Parameters
    ----------
    risk
        Events, frequencies, strategies.
    members
        Events by alternative, in the order of the set.
    quantity, above
        What is kept on the cells, and from which value on it is counted.
    """
    everyone = [member for runs in members.values() for member in runs]
    names, notes = _common(everyone)
    if everyone and risk.plan.damage != "damage" and risk.plan.damage not in names:
        raise InputError(
            f"'damage' of {risk.where} is '{risk.plan.damage}', which the events do not give: choose "
            f"from {', '.join(names)}"
        )
    plain = members.get(AS_IT_IS)
    before = _impacts(plain, names) if plain else {}
    by_name = {strategy.name: strategy for strategy in risk.strategies}
    found = []
    for name in (one for one in risk.alternatives if one in members):
        runs = members[name]
        compared = before if name != AS_IT_IS else {}
        figures = {one: _figure(risk, runs, one, compared.get(one)) for one in names}
        maps = _maps(risk, runs, figures, above, kept=bool(quantity))
        value, said = _worth(risk, by_name.get(name), figures)
        notes += said
        found.append(Alternative(name, figures, maps, value))
    notes += _milder(risk, before)
    notes += all_notes(everyone)
    complete = len(found) == len(risk.alternatives)
    return Reckoned(found, complete, quantity, above, list(dict.fromkeys(notes)))


def _milder(risk: Risk, impacts: dict[str, Floats]) -> list[str]:
    """Whether what is milder than the design events may do harm, too."""
    often, known = risk.set.frequencies, impacts.get(risk.plan.damage)
    if not isinstance(often, DesignEvents) or known is None:
        return []
    first = int(np.argmin(often.return_period))
    if known[first] <= 0.0:
        return []
    note = (
        f"the most frequent event, once in {often.return_period[first]:g} years, already does damage: "
        "what milder ones do is not counted, so that averages are low; add more frequent events"
    )
    return [note]


def _common(members: list[Member]) -> tuple[list[str], list[str]]:
    """Numbers that all events give, and what is said of the others."""
    if not members:
        return [], []
    given = [_counted(member) for member in members]
    common = set.intersection(*map(set, given))
    rest = sorted(set.union(*map(set, given)) - common)
    said = f"left out, because some events do not give them or they are below 0: {', '.join(rest)}"
    return [name for name in given[0] if name in common], [said] if rest else []


def _counted(member: Member) -> list[str]:
    """Numbers of an impact of which a risk can be told; what is of a balance is none."""
    return [
        name
        for name, value in member.figures.items()
        if ".balance." not in f".{name}" and np.isfinite(value) and value >= 0.0
    ]


def _impacts(runs: list[Member], names: list[str]) -> dict[str, Floats]:
    return {name: np.array([run.figures[name] for run in runs]) for name in names}


def _figure(risk: Risk, runs: list[Member], name: str, before: Floats | None) -> Figure:
    often = risk.set.frequencies
    impact = np.array([run.figures[name] for run in runs])
    averted = None if before is None else often.averted(before, impact)
    unit, titles = runs[0].units.get(name, ""), runs[0].titles.get(name, (name, name))
    return Figure(impact, often.annual(impact), averted, often.curve(impact), unit, *titles)


def _maps(
    risk: Risk, runs: list[Member], figures: dict[str, Figure], above: float | None, *, kept: bool
) -> dict[str, Floats]:
    often = risk.set.frequencies
    shared = set.intersection(*(set(run.maps) for run in runs)) & set(figures)
    found = {}
    for name in sorted(shared):
        cells = np.zeros(runs[0].maps[name].size)
        for weight, run in zip(often.weights, runs, strict=True):
            cells += weight * run.maps[name].astype(np.float64)
        whole = figures[name].annual.value
        if abs(float(cells.sum()) - whole) > _TOLERANCE * max(abs(whole), 1e-6):
            raise BalanceError(
                f"'{name}' adds up to {cells.sum():.9g} a year on the cells and is {whole:.9g} in the "
                "city: report this run"
            )
        found[name] = cells
    if kept:
        reached = np.stack(
            [np.isfinite(run.cells) if above is None else run.cells >= above for run in runs]
        )
        found["exceeded"] = often.exceeded(reached)
    return found


def _worth(
    risk: Risk, strategy: Strategy | None, figures: dict[str, Figure]
) -> tuple[dict[str, Worth], list[str]]:
    """What a strategy is worth, and what is said of it."""
    if strategy is None:
        return {}, []
    said = [
        f"strategy '{strategy.name}': {measure.what} has no cost and counts as free"
        for measure in strategy.measures
        if measure.cost is None
    ]
    damage = figures.get(risk.plan.damage)
    if damage is None:
        why = "the city's recipe names no country, or not every event gives it"
        apart = "no damage in money is known, so that costs are given without what they are worth"
        return {}, [f"strategy '{strategy.name}': {apart} ({why})"]
    if damage.unit != CURRENCY:
        raise InputError(
            f"'damage' of {risk.where} is '{risk.plan.damage}' in '{damage.unit or 'no unit'}', but "
            f"costs are held against {CURRENCY}: name a number in that"
        )
    if damage.averted is None:
        return {}, said
    investment, upkeep = strategy.costs(risk.plan.exchange, risk.where)
    ends = {
        "value": damage.averted.value,
        "low": damage.averted.low,
        "high": damage.averted.high,
    }
    return {
        name: worth(
            averted, 0.0, investment=investment, upkeep=upkeep, years=strategy.years,
            discount=strategy.discount,
        )
        for name, averted in ends.items()
    }, said  # fmt: skip
