"""A scenario: which hazardous event, with which measures, in words and numbers."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Self

import tomli_w
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    model_validator,
)

from citytwin.errors import OutputError, ScenarioError, UnknownNameError
from citytwin.hazards.base import HazardModel
from citytwin.impact.lifelines.out import VERSION as LIFELINES
from citytwin.measures import Measure
from citytwin.measures.base import refuse_idle
from citytwin.registry import hazards, impacts
from citytwin.registry import measures as known_measures
from citytwin.validation import sentence

MODEL = "model"
KIND = "kind"
#: Key of the validation's context: the folder that relative paths in a scenario start from.
FOLDER = "folder"


class Scenario(BaseModel):
    """One hazardous event that can befall a city, and what people did against it.

    Attributes
    ----------
    name, description
        Words for people; they do not count when scenarios are compared.
    hazard
        The event, of a registered model; on disk a table whose ``model`` names it.
    measures
        What was built or is done, of registered kinds; on disk tables whose ``kind`` names them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=200, description="What people call the scenario")
    description: str = Field("", description="What it is about")
    hazard: SerializeAsAny[HazardModel] = Field(description="The hazardous event")
    measures: tuple[SerializeAsAny[Measure], ...] = Field(
        (), description="What people built or do against it"
    )

    @model_validator(mode="after")
    def _measures_act(self) -> Self:
        refuse_idle(self.measures, self.hazard.name)
        return self

    def key(self, fingerprint: str) -> str:
        """Name of the run on a city: equal physics on an equal city has an equal key.

        Parameters
        ----------
        fingerprint
            Of the city.
        """
        parts: dict[str, Any] = {
            "city": fingerprint,
            "model": self.hazard.name,
            "version": self.hazard.version,
            "impact": _impact_version(self.hazard.output),
            "event": self.hazard.model_dump(mode="json"),
        }
        if self.measures:
            parts["measures"] = [measure.physics() for measure in self.measures]
        files = self.hazard.files()
        if files:
            parts["files"] = [_digest(path) for path in files]
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def table(self) -> dict[str, Any]:
        """The scenario as plain values, as it stands on disk."""
        event = {MODEL: self.hazard.name, **self.hazard.model_dump(mode="json", exclude_none=True)}
        table: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "hazard": event,
        }
        if self.measures:
            table["measures"] = [
                {KIND: measure.kind, **measure.model_dump(mode="json", exclude_none=True)}
                for measure in self.measures
            ]
        return table

    @classmethod
    def from_table(
        cls, table: dict[str, Any], where: str = "the scenario", folder: Path | None = None
    ) -> Self:
        """Scenario from plain values.

        Parameters
        ----------
        table
            As ``table`` gives them.
        where
            File or place that a complaint names.
        folder
            Where relative paths in it start; the working folder if left out.
        """
        fields = dict(table)
        context = {} if folder is None else {FOLDER: folder}
        if "hazard" in fields:
            fields["hazard"] = _event(fields["hazard"], where, context)
        if "measures" in fields:
            fields["measures"] = measures_of(fields["measures"], where, context)
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise ScenarioError(sentence(error, cls, where)) from error

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a scenario from a TOML file."""
        table = read_toml(path)
        # A table that only ensembles read does not hinder a plain run.
        table.pop("ensemble", None)
        return cls.from_table(table, f"the scenario {path}", Path(path).parent)

    def save(self, path: Path | str) -> None:
        """Write the scenario to a TOML file."""
        try:
            Path(path).write_text(tomli_w.dumps(self.table()), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"the scenario cannot be written to {path}: {error}") from error


def read_toml(path: Path | str) -> dict[str, Any]:
    """Content of a TOML file of a scenario, a chain or a risk.

    Raises
    ------
    ScenarioError
        If it is missing, cannot be read or is no TOML.
    """
    try:
        # Some editors begin a file with a mark of its encoding.
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ScenarioError(f"there is no scenario file {path}: check the path") from error
    except OSError as error:
        raise ScenarioError(
            f"the scenario file {path} cannot be read ({error.strerror}): give the path of a TOML file"
        ) from error
    except UnicodeDecodeError as error:
        raise ScenarioError(
            f"the scenario file {path} cannot be read, it is no UTF-8 text: save it as UTF-8"
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ScenarioError(f"the scenario file {path} is not TOML: {error}") from error


def _impact_version(variable: str) -> str:
    """Version of what counts the impact of an intensity; empty where nobody does."""
    if variable not in impacts.names():
        return ""
    return f"{impacts.get(variable).version}, lifelines {LIFELINES}"


def _digest(path: Path) -> str:
    """Hash of a file's content."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ScenarioError(
            f"the scenario's file {path} cannot be read ({error.strerror}): check the path"
        ) from error


def _event(table: Any, where: str, context: dict[str, Any]) -> HazardModel:
    """Hazardous event of the model that its table names."""
    if not isinstance(table, dict) or MODEL not in table:
        raise ScenarioError(
            f"{where} lacks the key 'hazard.{MODEL}': choose one of {', '.join(hazards.names())}"
        )
    try:
        model: type[HazardModel] = hazards.get(str(table[MODEL]))
    except UnknownNameError as error:
        raise ScenarioError(f"'hazard.{MODEL}' of {where} is wrong: {error}") from error
    try:
        return model.model_validate(_without(table, MODEL), context=context)
    except ValidationError as error:
        raise ScenarioError(sentence(error, model, where, "hazard.")) from error


def measures_of(
    tables: Any, where: str, context: dict[str, Any] | None = None
) -> tuple[Measure, ...]:
    """Measures of the kinds that their tables name."""
    kinds = ", ".join(known_measures.names())
    if not isinstance(tables, list | tuple) or not all(isinstance(t, dict) for t in tables):
        raise ScenarioError(
            f"'measures' of {where} is not a list of tables: begin each with [[measures]]"
        )
    found = []
    for number, table in enumerate(tables, start=1):
        place = f"measure {number} of {where}"
        if KIND not in table:
            raise ScenarioError(f"{place} lacks the key '{KIND}': choose one of {kinds}")
        try:
            model: type[Measure] = known_measures.get(str(table[KIND]))
        except UnknownNameError as error:
            raise ScenarioError(f"'{KIND}' of {place} is wrong: {error}") from error
        place = f"measure {number} ({model.kind}) of {where}"
        try:
            found.append(model.model_validate(_without(table, KIND), context=context))
        except ValidationError as error:
            raise ScenarioError(sentence(error, model, place)) from error
    return tuple(found)


def _without(table: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}
