"""A risk as people write it: events with frequencies, and what may be done about them."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from citytwin.ensemble.joint import Joint
from citytwin.ensemble.varying import changed, source_of
from citytwin.errors import ScenarioError
from citytwin.hazards.base import HazardModel
from citytwin.hazards.paths import FOLDER, FileName
from citytwin.impact.frequencies import ObservedFrequencies
from citytwin.risk.events import Event, EventRow, EventSet, catalogued, field_of, listed
from citytwin.risk.strategies import AS_IT_IS, Strategy
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain, without_ensemble
from citytwin.scenario.scenario import read_toml
from citytwin.validation import sentence

_WAYS = ("events", "catalogue", "joint")
_STRATEGIES = "strategies"


class Sampled(Joint):
    """The table ``[joint]`` of a risk: days, and how many events are sampled from them."""

    members: int = Field(ge=2, le=20_000, description="How many events are sampled")


class RiskPlan(BaseModel):
    """A file of a risk, but for its strategies.

    Attributes
    ----------
    name, description
        Words for people.
    hazard, measures
        What events have in common: a scenario's own tables.
    base
        File of a scenario or chain instead, for a catalogue and for joint days.
    events
        Events by name, or
    catalogue, columns, years
        a table of them, the numbers that its columns give, and the years in which they were seen, or
    joint
        days from which they are sampled.
    quantity, above
        Summary of the runs of which it is counted how often it reaches a value on each cell; the first
        picture if left out.
    damage
        Number of the impact that is money, against which costs are held.
    exchange
        What one of some money is worth in the damage's: ``"USD 2024" = 0.7``.
    seed
        Of what is drawn for the sample and the bands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field("", max_length=200, description="What people call it")
    description: str = Field("", description="What it is about")
    hazard: dict[str, Any] = Field({}, description="Hazard that the events have in common")
    measures: tuple[dict[str, Any], ...] = Field((), description="What stands there already")
    base: FileName = Field("", description="File of a scenario or chain instead")
    events: tuple[EventRow, ...] = Field((), max_length=10_000, description="Events by name")
    catalogue: FileName = Field("", description="Table of events")
    columns: dict[str, str] = Field({}, description="Column of the table to the number it gives")
    years: float | None = Field(None, gt=0, description="Years in which the events were seen")
    joint: Sampled | None = Field(None, description="Days from which events are sampled")
    quantity: str = Field("", description="Summary that is counted on the cells")
    above: float | None = Field(None, description="Value from which on it is counted")
    damage: str = Field("damage", description="Number of the impact that is money")
    exchange: dict[
        Annotated[str, Field(pattern=r"^[A-Z]{3} \d{4}$")], Annotated[float, Field(gt=0)]
    ] = Field({}, description="Worth of other money in the damage's")
    seed: int = Field(0, ge=0, description="Seed of the sample and the bands")


@dataclass(frozen=True, eq=False)
class Risk:
    """A risk that can be run.

    Attributes
    ----------
    plan
        As people wrote it.
    where
        Its file, as complaints name it.
    set
        Events and how often they come.
    strategies
        What may be done.
    """

    plan: RiskPlan
    where: str
    set: EventSet
    strategies: tuple[Strategy, ...]

    @property
    def alternatives(self) -> list[str]:
        """Names of what is compared: as it is, then each strategy."""
        return [AS_IT_IS, *(strategy.name for strategy in self.strategies)]

    def sources(self) -> dict[str, list[Scenario | Chain]]:
        """What happens in each event, by alternative.

        Raises
        ------
        ScenarioError
            If a measure acts on nothing that happens.
        """
        plain = [event.source for event in self.set.events]
        found = {AS_IT_IS: plain}
        for strategy in self.strategies:
            found[strategy.name] = [strategy.on(source, self.where) for source in plain]
        return found

    def hazard(self) -> type[HazardModel] | None:
        """The hazard of all events, of a chain that of its last step; none if they differ."""
        kinds = {type(_last(event.source)) for event in self.set.events}
        return kinds.pop() if len(kinds) == 1 else None

    def key(self, fingerprint: str) -> str:
        """Name of the risk on a city: equal events, frequencies and strategies have an equal key."""
        parts = {
            "sources": {
                name: [source.key(fingerprint) for source in sources]
                for name, sources in self.sources().items()
            },
            "weights": self.set.frequencies.weights.tolist(),
            "frequencies": type(self.set.frequencies).__name__,
            "watched": getattr(self.set.frequencies, "years", None),
            "strategies": [one.model_dump(mode="json") for one in self.strategies],
            "plan": self.plan.model_dump(
                mode="json", include={"years", "quantity", "above", "damage", "exchange", "seed"}
            ),
        }
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a risk from a TOML file.

        Raises
        ------
        ScenarioError, InputError
            If something in it, or in a file that it names, is wrong.
        """
        return cls.from_table(read_toml(path), f"the risk {path}", Path(path).parent)

    @classmethod
    def from_table(cls, table: dict[str, Any], where: str, folder: Path | None = None) -> Self:
        """Risk from plain values; see ``load``."""
        fields = {name: value for name, value in table.items() if name != _STRATEGIES}
        try:
            plan = RiskPlan.model_validate(
                fields, context={} if folder is None else {FOLDER: folder}
            )
        except ValidationError as error:
            raise ScenarioError(sentence(error, RiskPlan, where)) from error
        given = [name for name in _WAYS if getattr(plan, name)]
        if len(given) != 1:
            raise ScenarioError(
                f"{where} {'gives ' + ' and '.join(given) if given else 'has no events'}: give one of "
                "[[events]], 'catalogue' or [joint]"
            )
        strategies = _strategies(table.get(_STRATEGIES, []), plan, where, folder)
        found = cls(plan, where, _set(plan, where, folder or Path()), strategies)
        found.sources()  # complains before anything runs
        if (plan.quantity or plan.above is not None) and found.hazard() is None:
            raise ScenarioError(
                f"{where} counts a quantity on the cells, but its events are of several kinds: leave "
                "out 'quantity' and 'above'"
            )
        return found


def _last(source: Scenario | Chain) -> HazardModel:
    return source.steps[-1].scenario.hazard if isinstance(source, Chain) else source.hazard


def _strategies(
    tables: Any, plan: RiskPlan, where: str, folder: Path | None
) -> tuple[Strategy, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ScenarioError(f"'{_STRATEGIES}' of {where} is no list: head each [[{_STRATEGIES}]]")
    found = [
        Strategy.from_table(table, number, where, folder)
        for number, table in enumerate(tables, start=1)
    ]
    names = [strategy.name for strategy in found]
    for strategy in found:
        if names.count(strategy.name) > 1:
            raise ScenarioError(
                f"two strategies of {where} are called '{strategy.name}': rename one of them"
            )
        strategy.costs(plan.exchange, where)  # complains about money before anything runs
    return tuple(found)


def _set(plan: RiskPlan, where: str, folder: Path) -> EventSet:
    _refuse_unused(plan, where)
    if plan.events:
        common: dict[str, Any] = {"measures": list(plan.measures)} if plan.measures else {}
        common |= {"hazard": plan.hazard} if plan.hazard else {}
        return listed(plan.events, common, plan.years, where, folder, plan.seed)
    base = _base(plan, where, folder)
    if plan.catalogue:
        return catalogued(Path(plan.catalogue), plan.columns, base, plan.years, where, plan.seed)
    assert plan.joint is not None  # noqa: S101  (one of the three is given)
    return _sampled(plan.joint, base, plan.seed, where)


def _refuse_unused(plan: RiskPlan, where: str) -> None:
    """Refuse what would not count, so that nobody believes that it does."""
    files = [row.name for row in plan.events if row.file]
    unused = {
        "'base' stands beside [[events]]": bool(plan.events and plan.base),
        "[columns] stands without a catalogue": bool(plan.columns and not plan.catalogue),
        "[[measures]] stand beside 'base'": bool(plan.base and plan.measures),
        "'years' stands beside [joint], which has its own": bool(plan.joint and plan.years),
        "[[measures]] stand beside the event '" + "".join(files[:1]) + "' from a file": bool(
            files and plan.measures
        ),
        "[hazard] stands beside events that are all from files": bool(
            files and len(files) == len(plan.events) and plan.hazard
        ),
    }
    for words, there in unused.items():
        if there:
            raise ScenarioError(
                f"in {where} {words}: it would not count; leave it out, or put it into the file"
            )


def _base(plan: RiskPlan, where: str, folder: Path) -> Scenario | Chain:
    if bool(plan.base) == bool(plan.hazard):
        raise ScenarioError(
            f"{where} needs what happens in each event: give either [hazard] or 'base', a file"
        )
    if plan.base:
        path = Path(plan.base)
        return source_of(without_ensemble(read_toml(path)), f"the scenario {path}", path.parent)
    table: dict[str, Any] = {"hazard": plan.hazard, "measures": list(plan.measures)}
    return source_of(table, where, folder)


def _sampled(joint: Sampled, base: Scenario | Chain, seed: int, where: str) -> EventSet:
    fields = [field_of(field, base, where) for field in joint.names]
    rows = joint.sample(joint.members, seed)
    events = []
    for at, row in enumerate(rows.tolist(), start=1):
        values = {
            name: round(value) if whole else value
            for (name, whole), value in zip(fields, row, strict=True)
        }
        place = f"sampled event {at} of {where}"
        source = changed(base, values, place).model_copy(update={"name": f"sampled event {at}"})
        events.append(Event(f"sampled event {at}", source))
    record = joint.record()
    each = np.full(len(events), record.rate / len(events))
    return EventSet(tuple(events), ObservedFrequencies(each, record.years, sampled=True, seed=seed))
