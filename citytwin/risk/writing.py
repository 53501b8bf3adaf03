"""A risk on disk: its manifest, curves, events and map, each whole or not at all."""

import csv
import io
import json
import math
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from citytwin.city import City
from citytwin.city.whole import replacing
from citytwin.errors import InputError
from citytwin.impact.flood_damage import CURRENCY
from citytwin.impact.frequencies import DesignEvents, Point
from citytwin.impact.risk import Band, Worth
from citytwin.risk.page import page
from citytwin.risk.plan import Risk
from citytwin.risk.reckoning import Alternative, Figure, Reckoned
from citytwin.risk.strategies import AS_IT_IS

MANIFEST, CURVES, EVENTS, CELLS, PAGE = (
    "manifest.json", "curves.csv", "events.csv", "cells.parquet", "risk.html",
)  # fmt: skip


def write_risk(
    folder: Path, risk: Risk, city: City, reckoned: Reckoned, there: int, of: int
) -> None:
    """Write a risk into its folder.

    Parameters
    ----------
    folder
        Of this risk.
    risk, city, reckoned
        What it is about, and what came out.
    there, of
        Runs that are there, of all.
    """
    manifest = manifest_of(risk, city, reckoned, there, of)
    if reckoned.alternatives:
        _write(folder / CURVES, _curves(reckoned).encode())
        _write(folder / EVENTS, _events(risk, reckoned).encode())
        _write_cells(folder / CELLS, city, reckoned)
        _write(folder / PAGE, page(manifest).encode())
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    _write(folder / MANIFEST, text.encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a risk says of itself.

    Raises
    ------
    InputError
        If the folder holds none.
    """
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder} holds no risk: run it first") from error
    return found


def manifest_of(risk: Risk, city: City, reckoned: Reckoned, there: int, of: int) -> dict[str, Any]:
    """All that is known, as plain values; numbers that nobody knows are null."""
    hazard = risk.hazard()
    often = risk.set.frequencies
    rows = zip(risk.set.events, often.weights.tolist(), _frequency(risk), strict=True)
    return {
        "key": risk.key(city.fingerprint),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "name": risk.plan.name,
        "description": risk.plan.description,
        "plan": risk.plan.model_dump(mode="json", exclude={"name", "description"}),
        "joint": risk.plan.joint.facts() if risk.plan.joint else {},
        "city": {"name": city.name, "title": city.title, "fingerprint": city.fingerprint},
        "model": {
            "name": hazard.name if hazard else "several",
            "verified": hazard.verified if hazard else True,
        },
        "runs": there,
        "of": of,
        "complete": reckoned.complete,
        "events": [
            {"name": event.name, "frequency_per_year": rate, "weight_per_year": weight}
            for event, weight, rate in rows
        ],
        "band": often.how,
        "money": CURRENCY,
        "quantity": reckoned.quantity,
        "above": reckoned.above,
        "alternatives": [_alternative(risk, one) for one in reckoned.alternatives],
        "notes": reckoned.notes,
        "versions": {name: version(name) for name in ("citytwin", "numpy", "numba", "scipy")},
    }


def _frequency(risk: Risk) -> list[float]:
    """How often each event is reached, or comes [1/a]."""
    often = risk.set.frequencies
    if isinstance(often, DesignEvents):
        return [float(1.0 / period) for period in often.return_period]
    return [float(weight) for weight in often.weights]


def _alternative(risk: Risk, found: Alternative) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": found.name,
        "figures": {name: _figure(figure) for name, figure in found.figures.items()},
    }
    known = {strategy.name: strategy for strategy in risk.strategies}
    if found.name == AS_IT_IS:
        return facts
    strategy = known[found.name]
    investment, upkeep = strategy.costs(risk.plan.exchange, risk.where)
    return facts | {
        "measures": [measure.model_dump(mode="json") for measure in strategy.measures],
        "years": strategy.years,
        "discount": strategy.discount,
        "investment": investment,
        "upkeep_per_year": upkeep,
        "worth": {name: _worth(one) for name, one in found.worth.items()},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "title": figure.title,
        "title_zh": figure.title_zh,
        "unit": figure.unit,
        "average_annual": _band(figure.annual),
        "averted": _band(figure.averted) if figure.averted else None,
        "curve": [_point(point) for point in figure.curve],
    }


def _band(band: Band) -> dict[str, float | None]:
    return {name: _known(value) for name, value in asdict(band).items()}


def _point(point: Point) -> dict[str, float | None]:
    return {name: _known(value) for name, value in asdict(point).items()}


def _worth(found: Worth) -> dict[str, float | None]:
    return {
        "benefit": _known(found.benefit),
        "cost": found.cost,
        "ratio": _known(found.ratio),
        "net": _known(found.net),
    }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _curves(reckoned: Reckoned) -> str:
    head = [
        "alternative", "figure", "unit", "return_period_y", "frequency_per_year", "impact", "low",
        "high",
    ]  # fmt: skip
    rows = [
        [one.name, name, figure.unit, point.return_period, 1.0 / point.return_period, point.impact]
        + ["" if math.isnan(end) else end for end in (point.low, point.high)]
        for one in reckoned.alternatives
        for name, figure in one.figures.items()
        for point in figure.curve
    ]
    return _csv(head, rows)


def _events(risk: Risk, reckoned: Reckoned) -> str:
    weights, often = risk.set.frequencies.weights.tolist(), _frequency(risk)
    first = reckoned.alternatives[0].figures
    rows = [
        [one.name, event.name, often[at], weights[at]]
        + [float(figure.impact[at]) for figure in one.figures.values()]
        for one in reckoned.alternatives
        for at, event in enumerate(risk.set.events)
    ]
    return _csv(["alternative", "event", "frequency_per_year", "weight_per_year", *first], rows)


def _csv(head: list[str], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _write_cells(path: Path, city: City, reckoned: Reckoned) -> None:
    columns: dict[str, Any] = {"cell": city.grid.cells}
    for at, one in enumerate(reckoned.alternatives):
        after = "" if one.name == AS_IT_IS else f".strategy{at}"
        for name, values in one.maps.items():
            columns[f"{name}{after}"] = np.asarray(values)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    _write(path, sink.getvalue().to_pybytes())


def _write(path: Path, content: bytes) -> None:
    with replacing(path, "the risk") as part:
        part.write_bytes(content)
