"""A chain: steps that follow one another, each with a hazard that may start from an earlier result."""

import hashlib
import json
from pathlib import Path
from typing import Any, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from citytwin.errors import ScenarioError
from citytwin.registry import hazards
from citytwin.scenario.links import LINKS
from citytwin.scenario.scenario import Scenario, read_toml
from citytwin.validation import sentence

STEPS = "steps"
#: Table of a scenario's file that only ensembles read.
ENSEMBLE = "ensemble"
#: Changes whenever the same steps get another manifest.
VERSION = "3"
#: Most letters of a scenario's name.
_LONGEST = 200


class Step(BaseModel):
    """One event of a chain.

    Attributes
    ----------
    name
        What later steps and the timeline call it.
    scenario
        Its event with its measures.
    after
        Name of the step whose result it starts from; none for one that happens by itself.
    from_h
        When it starts, hours after the chain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        min_length=1, max_length=40, pattern=r"^[^.]+$",
        description="Name of the step; without a point, and not 'seed'",
    )  # fmt: skip
    scenario: Scenario
    after: str = Field("", description="Step whose result it starts from")
    from_h: float = Field(0.0, ge=0, le=1000, description="Hours after the start of the chain")

    def repeats(self, before: "Step") -> bool:
        """Whether it is the same event at the same time as an earlier step, with what that brought."""
        own, other = self.scenario, before.scenario
        physics = [[m.physics() for m in one.measures] for one in (own, other)]
        return (
            self.from_h == before.from_h
            and own.hazard == other.hazard
            and physics[0] == physics[1]
        )  # fmt: skip


class Chain(BaseModel):
    """Steps of one disaster on one city, with one timeline.

    Attributes
    ----------
    name, description
        Words for people.
    seed
        Of what is random between the steps; what is random in a step has its own.
    steps
        In the order in which they are run; a step comes after the one that it starts from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=200, description="What people call the chain")
    description: str = Field("", description="What it is about")
    seed: int = Field(0, ge=0, description="Seed of what is random between the steps")
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20, description="Its events")

    @model_validator(mode="after")
    def _steps_follow(self) -> Self:
        seen: dict[str, Step] = {}
        for step in self.steps:
            if step.name == "seed":
                raise ValueError("a step cannot be called 'seed': that is the chain's own number")
            if step.name in seen:
                raise ValueError(f"two steps are called '{step.name}': rename one of them")
            if step.after:
                self._check_link(step, seen)
            seen[step.name] = step
        return self

    @staticmethod
    def _check_link(step: Step, seen: dict[str, Step]) -> None:
        if step.after not in seen:
            raise ValueError(
                f"the step '{step.name}' is after '{step.after}', which no step before it is called: "
                f"choose from {', '.join(seen) or 'none, it is the first'}"
            )
        if step.from_h < seen[step.after].from_h:
            raise ValueError(
                f"the step '{step.name}' starts before the step '{step.after}' that it is after: raise "
                "its from_h"
            )
        way = (seen[step.after].scenario.hazard.output, step.scenario.hazard.name)
        if way not in LINKS:
            known = "; ".join(f"{later} after {_hazard_of(earlier)}" for earlier, later in LINKS)
            raise ValueError(
                f"nothing leads from the step '{step.after}' to the hazard {way[1]}: what is known is "
                f"{known}"
            )

    def before(self, step: Step) -> Step:
        """The step that a step starts from."""
        return next(one for one in self.steps if one.name == step.after)

    def titles(self) -> dict[str, tuple[str, str]]:
        """What people call the steps, in English and Chinese: their hazards, numbered where two are
        alike."""  # noqa: D205, D209
        models = {step.name: step.scenario.hazard for step in self.steps}
        found = {}
        for name, hazard in models.items():
            alike = [one for one, other in models.items() if other.name == hazard.name]
            more = f" {alike.index(name) + 1}" if len(alike) > 1 else ""
            found[name] = (f"{hazard.title}{more}", f"{hazard.title_zh}{more}")
        return found

    def key(self, fingerprint: str) -> str:
        """Name of the chain on a city: equal physics at equal times, in one order, have an equal key."""
        keys = self.step_keys(fingerprint)
        steps = [[one.name, one.from_h, one.after, keys[one.name]] for one in self.steps]
        return _hash({"manifest": VERSION, "seed": self.seed, "steps": steps})

    def step_keys(self, fingerprint: str) -> dict[str, str]:
        """Name of the run of each step: of its scenario, and of what it starts from."""
        keys: dict[str, str] = {}
        outputs = {step.name: step.scenario.hazard.output for step in self.steps}
        for step in self.steps:
            own = step.scenario.key(fingerprint)
            if step.after:
                link = LINKS[outputs[step.after], step.scenario.hazard.name]
                before = self.before(step)
                # The outages of the earlier step count in the clock of this one.
                late = step.from_h - before.from_h
                parts = [own, keys[step.after], link.version, self.seed, late, step.repeats(before)]
                own = _hash({"chain": parts})
            keys[step.name] = own
        return keys

    def table(self) -> dict[str, Any]:
        """The chain as plain values, as it stands on disk."""
        steps = []
        for step in self.steps:
            inner = dict(step.scenario.table())
            row: dict[str, Any] = {"name": step.name, "from_h": step.from_h}
            if step.after:
                row["after"] = step.after
            for name in ("hazard", "measures"):
                if name in inner:
                    row[name] = inner[name]
            steps.append(row)
        return {
            "name": self.name,
            "description": self.description,
            "seed": self.seed,
            STEPS: steps,
        }

    @classmethod
    def from_table(
        cls, table: dict[str, Any], where: str = "the chain", folder: Path | None = None
    ) -> Self:
        """Chain from plain values."""
        fields = dict(table)
        rows = fields.get(STEPS)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ScenarioError(
                f"'{STEPS}' of {where} is not a list of tables: head each [[{STEPS}]]"
            )
        rows = _repeated(rows, where)
        title = str(fields.get("name", ""))
        fields[STEPS] = [
            _step(row, title, f"step {number} of {where}", folder)
            for number, row in enumerate(rows, start=1)
        ]
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise ScenarioError(sentence(error, cls, where)) from error

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a chain from a TOML file."""
        return cls.from_table(
            without_ensemble(read_toml(path)), f"the chain {path}", Path(path).parent
        )

    def save(self, path: Path | str) -> None:
        """Write the chain to a TOML file."""
        Path(path).write_text(tomli_w.dumps(self.table()), encoding="utf-8")


def without_ensemble(table: dict[str, Any]) -> dict[str, Any]:
    """A scenario's file without what an ensemble adds to it: its plain run."""
    return {name: value for name, value in table.items() if name != ENSEMBLE}


def is_chain(table: dict[str, Any]) -> bool:
    """Whether a scenario's file has steps."""
    return STEPS in table


def _hazard_of(variable: str) -> str:
    """Name of the hazard whose intensity a variable is."""
    return next((n for n in hazards.names() if hazards.get(n).output == variable), variable)


def _repeated(rows: list[dict[str, Any]], where: str) -> list[dict[str, Any]]:
    """Rows of which those without a hazard have the event of the step that they are after."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        whole = dict(row)
        earlier = found.get(str(row.get("after", "")))
        if "hazard" not in row and earlier is not None:
            if "measures" in row:
                raise ScenarioError(
                    f"the step '{row.get('name', '')}' of {where} has measures but no hazard: give it "
                    "a hazard of its own, or leave the measures out to repeat the step that it is after"
                )
            same = ("hazard", "measures")
            whole |= {name: earlier[name] for name in same if name in earlier}
            whole.setdefault("from_h", earlier.get("from_h", 0.0))
        found[str(row.get("name", ""))] = whole
    return list(found.values()) if len(found) == len(rows) else rows


def _step(row: dict[str, Any], chain: str, place: str, folder: Path | None) -> Step:
    inner: dict[str, Any] = {name: row[name] for name in ("hazard", "measures") if name in row}
    own = {name: value for name, value in row.items() if name not in inner}
    words = [chain, str(row.get("name", ""))]
    called = ": ".join(word for word in words if word)[:_LONGEST]
    scenario = Scenario.from_table({"name": called, **inner}, place, folder)
    try:
        return Step.model_validate({**own, "scenario": scenario})
    except ValidationError as error:
        raise ScenarioError(sentence(error, Step, place)) from error


def _hash(parts: dict[str, Any]) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]
