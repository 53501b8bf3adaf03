"""A scenario: which hazardous event, in words and numbers."""

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
)

from citytwin.errors import OutputError, ScenarioError, UnknownNameError
from citytwin.hazards.base import HazardModel
from citytwin.impact.wet import IMPACT_VERSION
from citytwin.registry import hazards
from citytwin.validation import sentence

MODEL = "model"


class Scenario(BaseModel):
    """One hazardous event that can befall a city.

    Attributes
    ----------
    name, description
        Words for people; they do not count when scenarios are compared.
    hazard
        The event, of a registered model; on disk a table whose ``model`` names it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=200, description="What people call the scenario")
    description: str = Field("", description="What it is about")
    hazard: SerializeAsAny[HazardModel] = Field(description="The hazardous event")

    def key(self, fingerprint: str) -> str:
        """Name of the run on a city: equal physics on an equal city has an equal key.

        Parameters
        ----------
        fingerprint
            Of the city.
        """
        parts = {
            "city": fingerprint,
            "model": self.hazard.name,
            "version": self.hazard.version,
            "impact": IMPACT_VERSION,
            "event": self.hazard.model_dump(mode="json"),
        }
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def table(self) -> dict[str, Any]:
        """The scenario as plain values, as it stands on disk."""
        event = {MODEL: self.hazard.name, **self.hazard.model_dump(mode="json")}
        return {"name": self.name, "description": self.description, "hazard": event}

    @classmethod
    def from_table(cls, table: dict[str, Any], where: str = "the scenario") -> Self:
        """Scenario from plain values.

        Parameters
        ----------
        table
            As ``table`` gives them.
        where
            File or place that a complaint names.
        """
        fields = dict(table)
        if "hazard" in fields:
            fields["hazard"] = _event(fields["hazard"], where)
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise ScenarioError(sentence(error, cls, where)) from error

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a scenario from a TOML file."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise ScenarioError(f"there is no scenario file {path}: check the path") from error
        except (OSError, UnicodeDecodeError) as error:
            raise ScenarioError(f"the scenario file {path} cannot be read: {error}") from error
        try:
            table = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
            raise ScenarioError(f"the scenario file {path} is not TOML: {error}") from error
        return cls.from_table(table, f"the scenario {path}")

    def save(self, path: Path | str) -> None:
        """Write the scenario to a TOML file."""
        try:
            Path(path).write_text(tomli_w.dumps(self.table()), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"the scenario cannot be written to {path}: {error}") from error


def _event(table: Any, where: str) -> HazardModel:
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
        return model(**{key: value for key, value in table.items() if key != MODEL})
    except ValidationError as error:
        raise ScenarioError(sentence(error, model, where, "hazard.")) from error
