"""An ensemble as people write it: a scenario, its uncertain parameters, how many members."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from scipy.stats import qmc

from citytwin.arrays import Floats
from citytwin.ensemble.distributions import AnyDistribution
from citytwin.errors import ScenarioError
from citytwin.hazards.places import tuples
from citytwin.scenario import Scenario
from citytwin.validation import sentence

TABLE = "ensemble"


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
        min_length=1, max_length=100, description="What varies, and how"
    )
    quantity: str = Field("", description="Summary that is kept on the cells")
    above: float | None = Field(None, description="Value whose exceedance is counted")
    sensitivity: bool = Field(
        default=False, description="Whether shares of the variance are wanted"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [one.field for one in self.parameters]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"'{name}' varies twice: leave one of its parameters out")
        if self.sensitivity and self.members & (self.members - 1):
            raise ValueError("'members' must be a power of two for sensitivity, such as 64 or 128")
        return self

    @property
    def names(self) -> list[str]:
        """Fields that vary."""
        return [one.field for one in self.parameters]

    def shares(self) -> Floats:
        """(m, p) sample of the unit cube, one row for each member."""
        if self.sensitivity:
            from citytwin.ensemble.sensitivity import saltelli  # noqa: PLC0415  (an extra)

            return saltelli(len(self.parameters), self.members, self.seed)
        cube = qmc.LatinHypercube(len(self.parameters), rng=np.random.default_rng(self.seed))
        return np.asarray(cube.random(self.members), np.float64)

    def values(self) -> Floats:
        """(m, p) values of the parameters, one row for each member."""
        shares = self.shares()
        return np.stack(
            [one.quantile(shares[:, at]) for at, one in enumerate(self.parameters)], axis=1
        )


class Ensemble(BaseModel):
    """A scenario with uncertain parameters.

    Attributes
    ----------
    scenario
        What happens, with the parameters as best known.
    plan
        What varies.
    """

    model_config = ConfigDict(frozen=True)

    scenario: Scenario
    plan: Plan

    @property
    def kind(self) -> Literal["Latin hypercube", "Saltelli"]:
        """How the members were drawn."""
        return "Saltelli" if self.plan.sensitivity else "Latin hypercube"

    def key(self, fingerprint: str) -> str:
        """Name of the ensemble on a city: equal physics and sample have an equal key."""
        parts = {
            "scenario": self.scenario.key(fingerprint),
            "plan": self.plan.model_dump(mode="json"),
        }
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def members(self) -> list[Scenario]:
        """The scenario of each member, in order.

        Raises
        ------
        ScenarioError
            If a parameter is no number of the event, or a member's value lies outside its bounds.
        """
        event = self.scenario.hazard
        self._refuse_unknown()
        whole = {
            name for name in self.plan.names if type(event).model_fields[name].annotation is int
        }
        known = {name: getattr(event, name) for name in type(event).model_fields}
        found = []
        for number, row in enumerate(self.plan.values().tolist(), start=1):
            changed = dict(zip(self.plan.names, row, strict=True))
            changed |= {name: round(changed[name]) for name in whole}
            try:
                hazard = type(event).model_validate({**known, **changed})
            except ValidationError as error:
                raise ScenarioError(
                    sentence(error, type(event), f"member {number} of the ensemble", "hazard.")
                ) from error
            found.append(self.scenario.model_copy(update={"hazard": hazard}))
        return found

    def _refuse_unknown(self) -> None:
        fields = type(self.scenario.hazard).model_fields
        numbers = [name for name, field in fields.items() if field.annotation in (int, float)]
        for name in self.plan.names:
            if name not in numbers:
                raise ScenarioError(
                    f"'{name}' of the ensemble's parameters is no number of the hazard "
                    f"'{self.scenario.hazard.name}': choose from {', '.join(numbers)}"
                )

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read an ensemble from a scenario's TOML file with a table ``[ensemble]``."""
        where = f"the ensemble {path}"
        try:
            table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ScenarioError(f"there is no file {path}: check the path") from error
        except (OSError, ValueError, RecursionError) as error:
            raise ScenarioError(f"{where} cannot be read as TOML: {error}") from error
        return cls.from_table(table, where, Path(path).parent)

    @classmethod
    def from_table(cls, table: dict[str, Any], where: str, folder: Path | None = None) -> Self:
        """Ensemble from plain values."""
        rest = {name: value for name, value in table.items() if name != TABLE}
        if not isinstance(table.get(TABLE), dict):
            raise ScenarioError(f"{where} lacks the table [{TABLE}]: say members and parameters")
        try:
            plan = Plan.model_validate(table[TABLE])
        except ValidationError as error:
            raise ScenarioError(sentence(error, Plan, where, f"{TABLE}.")) from error
        return cls(scenario=Scenario.from_table(rest, where, folder), plan=plan)
