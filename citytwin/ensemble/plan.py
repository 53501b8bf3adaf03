"""An ensemble as people write it: a scenario, its uncertain parameters, how many members."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from citytwin.arrays import Floats
from citytwin.ensemble.distributions import AnyDistribution
from citytwin.ensemble.joint import Joint
from citytwin.ensemble.sample import coupled, latin
from citytwin.ensemble.varying import changed, numbers_of, source_of
from citytwin.errors import ScenarioError
from citytwin.hazards.base import HazardModel
from citytwin.hazards.paths import FOLDER
from citytwin.hazards.places import tuples
from citytwin.scenario import Scenario
from citytwin.scenario.chain import ENSEMBLE, Chain, without_ensemble
from citytwin.scenario.scenario import read_toml
from citytwin.validation import sentence

#: What is added to the seed for the quantities that come together.
_APART = 1_000_003


class Plan(BaseModel):
    """The table ``[ensemble]`` of a scenario's file.

    Attributes
    ----------
    members
        How many runs; for ``sensitivity`` the base sample, see there.
    seed
        Of the sample.
    parameters
        What varies, and how.
    correlations
        Pairs of parameters whose values go together, with the correlation of their normal scores
        (a Gaussian copula): rain with surge, surge with wind.
    joint
        Numbers that come together, such as rain, surge and wind, from a catalogue of days.
    rate_per_year
        How often such an event comes; risk is given where it is known. Days say it, too.
    fixed
        Fields that every member has otherwise than the plain run, such as random differences.
    quantity
        Summary of the run that is kept on the cells; the first picture of whole runs if left out.
    above
        Value from which on its probability is counted, in the unit of the results.
    sensitivity
        Saltelli's sample instead of a Latin hypercube: members × (parameters + 2) runs, from which
        the shares of the variance follow that each parameter causes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    members: int = Field(ge=1, le=100_000, description="How many runs")
    seed: int = Field(0, ge=0, description="Seed of the sample")
    parameters: Annotated[tuple[AnyDistribution, ...], BeforeValidator(tuples)] = Field(
        (), max_length=100, description="What varies, and how"
    )
    joint: Joint | None = Field(None, description="Quantities that come together, from days")
    correlations: Annotated[
        tuple[tuple[str, str, Annotated[float, Field(gt=-1, lt=1)]], ...], BeforeValidator(tuples)
    ] = Field((), description="Pairs of parameters, and how their values go together")
    rate_per_year: float | None = Field(None, gt=0, description="How often such an event comes")
    fixed: dict[str, Any] = Field({}, description="Fields that every member has otherwise")
    quantity: str = Field("", description="Summary that is kept on the cells")
    above: float | None = Field(None, description="Value whose exceedance is counted")
    sensitivity: bool = Field(
        default=False, description="Whether shares of the variance are wanted"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if not self.parameters and self.joint is None:
            raise ValueError("nothing varies: give 'parameters' or 'joint'")
        names = self.names
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"'{name}' varies twice: leave one of its parameters out")
            if name in self.fixed:
                raise ValueError(
                    f"'{name}' varies and is in 'fixed', too: take it out of one of them"
                )
        self.coupling()
        if self.correlations and self.members <= len(self.parameters) + 1:
            raise ValueError(
                f"{self.members} members are too few for correlated parameters: take more than "
                f"{len(self.parameters) + 1}"
            )
        if self.sensitivity and self.joint is not None:
            raise ValueError(
                "shares of the variance need parameters that are independent: no 'joint'"
            )
        if self.sensitivity and self.correlations:
            raise ValueError("shares of the variance need parameters that are independent")
        if self.sensitivity and self.members & (self.members - 1):
            raise ValueError("'members' must be a power of two for sensitivity, such as 64 or 128")
        return self

    @property
    def names(self) -> list[str]:
        """Fields that vary."""
        return [one.field for one in self.parameters] + (self.joint.names if self.joint else [])

    @property
    def rate(self) -> float | None:
        """How often such an event comes [1/a], as said or as the days of ``joint`` say."""
        if self.rate_per_year is None and self.joint is not None:
            return self.joint.record().rate
        return self.rate_per_year

    def coupling(self) -> Floats | None:
        """(p, p) lower factor of the correlations of the normal scores; none where there are none."""
        if not self.correlations:
            return None
        matrix, names = np.eye(len(self.parameters)), [one.field for one in self.parameters]
        for first, second, value in self.correlations:
            for name in (first, second):
                if name not in names:
                    raise ValueError(f"'correlations' names '{name}', which no parameter is called")
            if first == second:
                raise ValueError(f"'correlations' pairs '{first}' with itself")
            a, b = names.index(first), names.index(second)
            matrix[a, b] = matrix[b, a] = value
        try:
            return np.asarray(np.linalg.cholesky(matrix))
        except np.linalg.LinAlgError as error:
            raise ValueError("'correlations' contradict each other: weaken one of them") from error

    def shares(self) -> Floats:
        """(m, p) sample of the unit cube, one row for each member."""
        if self.sensitivity:
            from citytwin.ensemble.sensitivity import saltelli  # noqa: PLC0415  (an extra)

            return saltelli(len(self.parameters), self.members, self.seed)
        if not self.parameters:
            return np.empty((self.members, 0))
        drawn = latin(self.members, len(self.parameters), self.seed)
        factor = self.coupling()
        return drawn if factor is None else coupled(drawn, factor)

    def values(self) -> Floats:
        """(m, p) values of the parameters, one row for each member."""
        shares = self.shares()
        columns = [one.quantile(shares[:, at]) for at, one in enumerate(self.parameters)]
        if self.joint is not None:
            # Its own stream, so that what goes together does not go with the other parameters, too.
            columns += list(self.joint.sample(len(shares), self.seed + _APART).T)
        return np.stack(columns, axis=1)


class Ensemble(BaseModel):
    """A scenario, or a chain of steps, with uncertain parameters.

    Attributes
    ----------
    source
        What happens, with the parameters as best known.
    plan
        What varies: of a chain ``step.field``, or ``seed`` for what is random between its steps.
    """

    model_config = ConfigDict(frozen=True)

    source: Scenario | Chain
    plan: Plan

    @property
    def kind(self) -> Literal["Latin hypercube", "Saltelli"]:
        """How the members were drawn."""
        return "Saltelli" if self.plan.sensitivity else "Latin hypercube"

    @property
    def hazard(self) -> HazardModel:
        """The event whose quantity is kept on the cells: the last one of a chain."""
        if isinstance(self.source, Chain):
            return self.source.steps[-1].scenario.hazard
        return self.source.hazard

    def key(self, fingerprint: str) -> str:
        """Name of the ensemble on a city: equal physics and sample have an equal key."""
        parts = {
            "scenario": self.source.key(fingerprint),
            # What is reckoned from the members does not make other members.
            "plan": self.plan.model_dump(mode="json", exclude={"rate_per_year", "above", "joint"}),
        }
        if self.plan.joint is not None:
            parts["joint"] = hashlib.sha256(self.plan.values().tobytes()).hexdigest()
            parts["fields"] = self.plan.joint.names
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def members(self) -> list[Scenario | Chain]:
        """What happens in each member, in order.

        Raises
        ------
        ScenarioError
            If a parameter is no number of the event, or a member's value lies outside its bounds.
        """
        known = numbers_of(self.source)
        for name in self.plan.names:
            if name not in known:
                raise ScenarioError(
                    f"'{name}' of the ensemble's parameters is no number of what happens: choose "
                    f"from {', '.join(known)}"
                )
        found: list[Scenario | Chain] = []
        for number, row in enumerate(self.plan.values().tolist(), start=1):
            values = dict(self.plan.fixed) | {
                name: round(value) if known[name] else value
                for name, value in zip(self.plan.names, row, strict=True)
            }
            found.append(changed(self.source, values, f"member {number} of the ensemble"))
        return found

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read an ensemble from a scenario's TOML file with a table ``[ensemble]``."""
        return cls.from_table(read_toml(path), f"the ensemble {path}", Path(path).parent)

    @classmethod
    def from_table(cls, table: dict[str, Any], where: str, folder: Path | None = None) -> Self:
        """Ensemble from plain values."""
        if not isinstance(table.get(ENSEMBLE), dict):
            raise ScenarioError(f"{where} lacks the table [{ENSEMBLE}]: say members and parameters")
        try:
            plan = Plan.model_validate(
                table[ENSEMBLE], context={} if folder is None else {FOLDER: folder}
            )
        except ValidationError as error:
            raise ScenarioError(sentence(error, Plan, where, f"{ENSEMBLE}.")) from error
        return cls(source=source_of(without_ensemble(table), where, folder), plan=plan)
