"""JSON Schema of a recipe, for editors that check TOML while it is written."""

from typing import Any

from citytwin.pipeline.recipe import Recipe
from citytwin.registry import sources
from citytwin.sources.base import Source


def recipe_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a recipe with every registered source."""
    schema: dict[str, Any] = Recipe.model_json_schema()
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    for name in sources.names():
        definitions[f"source_{name}"] = _source_schema(name, sources.get(name), definitions)
    schema["properties"]["sources"]["items"] = {
        "oneOf": [{"$ref": f"#/$defs/source_{name}"} for name in sources.names()]
    }
    rows = schema["properties"]["lifelines"]
    schema["properties"]["lifelines"] = {
        "description": rows.pop("description"),
        "anyOf": [rows, {"type": "string"}],
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Recipe of a city for citytwin"
    return schema


def _source_schema(name: str, model: type[Source], definitions: dict[str, Any]) -> dict[str, Any]:
    """Schema of one source's table, with the name that chooses it."""
    schema: dict[str, Any] = model.model_json_schema()
    definitions.update(schema.pop("$defs", {}))
    schema["properties"] = {"name": {"const": name}} | schema["properties"]
    schema["required"] = ["name", *schema.get("required", [])]
    schema["description"] = (model.__doc__ or "").strip().split("\n\n")[0]
    return schema
