"""What people may do about a risk: measures with what they cost, for how long."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError

from citytwin.errors import ScenarioError
from citytwin.impact.flood_damage import CURRENCY
from citytwin.measures import Measure
from citytwin.measures.base import refuse_idle
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from citytwin.scenario.scenario import measures_of
from citytwin.validation import sentence

#: Name of doing nothing more than the events' own measures.
AS_IT_IS = "as it is"


class Strategy(BaseModel):
    """An alternative: measures, and what they cost over their life.

    Attributes
    ----------
    name
        What people call it.
    measures
        What is built or done; the cost of each is in the measure.
    upkeep_per_year
        What all of it costs each year, in the currency and of the year of the measures' costs.
    years
        How long it lasts.
    discount
        Rate by which a year later counts less [1/a].
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=80, description="What people call it")
    measures: tuple[SerializeAsAny[Measure], ...] = Field(description="What is built or done")
    upkeep_per_year: float = Field(0.0, ge=0, description="What it costs each year")
    years: int = Field(ge=1, le=500, description="How long it lasts")
    discount: float = Field(ge=0, le=1, description="Rate by which a year later counts less")

    def costs(self, exchange: dict[str, float], where: str) -> tuple[float, float]:
        """What it costs at the start and each year, in ``CURRENCY``.

        Raises
        ------
        ScenarioError
            If a cost is in other money and no exchange is given, or upkeep is in no money at all.
        """
        rates = []
        investment = 0.0
        for measure in self.measures:
            if measure.cost is not None:
                rate = _rate(f"{measure.cost.currency} {measure.cost.year}", exchange, where)
                rates.append(rate)
                investment += rate * measure.cost.amount
        if self.upkeep_per_year and len(set(rates)) != 1:
            raise ScenarioError(
                f"'upkeep_per_year' of the strategy '{self.name}' of {where} is in the money of its "
                "measures' costs: give them a cost, all in one currency and year"
            )
        return investment, self.upkeep_per_year * rates[0] if rates else 0.0

    def on(self, source: Scenario | Chain, where: str) -> Scenario | Chain:
        """What happens with the strategy's measures; in a chain at each step that they act on.

        Raises
        ------
        ScenarioError
            If a measure acts on nothing that happens.
        """
        place = f"the strategy '{self.name}' of {where}"
        if isinstance(source, Scenario):
            _refuse_idle(self.measures, (source.hazard.name,), place)
            return _with(source, self.measures)
        names = tuple(step.scenario.hazard.name for step in source.steps)
        _refuse_idle(self.measures, names, place)
        steps = tuple(
            step.model_copy(
                update={
                    "scenario": _with(
                        step.scenario,
                        tuple(m for m in self.measures if step.scenario.hazard.name in m.acts_on),
                    )
                }
            )
            for step in source.steps
        )
        return source.model_copy(update={"steps": steps})

    @classmethod
    def from_table(cls, table: dict[str, Any], number: int, where: str, folder: Any) -> "Strategy":
        """Strategy from plain values."""
        place = f"strategy {number} of {where}"
        fields = dict(table)
        context = {} if folder is None else {"folder": folder}
        fields["measures"] = measures_of(fields.get("measures", []), place, context)
        try:
            found = cls.model_validate(fields)
        except ValidationError as error:
            raise ScenarioError(sentence(error, cls, place)) from error
        if found.name == AS_IT_IS:
            raise ScenarioError(f"{place} is called '{AS_IT_IS}', which always runs: rename it")
        if not found.measures:
            raise ScenarioError(f"{place} has no measures: head each [[strategies.measures]]")
        return found


def _rate(money: str, exchange: dict[str, float], where: str) -> float:
    """``CURRENCY`` for one of some money."""
    if money == CURRENCY:
        return 1.0
    if money not in exchange:
        raise ScenarioError(
            f"{where} has a cost in {money}, but damage is in {CURRENCY}: give the table [exchange] "
            f'with "{money}" = how many {CURRENCY} one of it is'
        )
    return exchange[money]


def _with(source: Scenario, measures: tuple[Measure, ...]) -> Scenario:
    return source.model_copy(update={"measures": (*source.measures, *measures)})


def _refuse_idle(measures: tuple[Measure, ...], hazards: tuple[str, ...], place: str) -> None:
    for measure in measures:
        if not set(hazards) & set(measure.acts_on):
            try:
                refuse_idle((measure,), hazards[0])
            except ScenarioError as error:
                raise ScenarioError(f"in {place}, {error}") from error
