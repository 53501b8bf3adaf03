"""Command about risk: events with frequencies, as it is and with what may be done."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import (
    WORKSPACE,
    AsJson,
    CityFile,
    Dask,
    Workers,
    Workspace,
    city_file,
)
from citytwin.cli.stopping import STOPPED, asked_to_stop

#: Most notes that are printed; the manifest has them all.
_MOST_NOTES = 12


def risk(
    file: Annotated[Path, typer.Argument(help="Events, frequencies and strategies (TOML).")],
    city: CityFile = None,
    workers: Workers = 2,
    dask: Dask = "",
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Average annual impact, exceedance curves and what measures are worth; nothing is run twice."""
    from citytwin.city import City
    from citytwin.risk import Risk, run_risk
    from citytwin.risk.writing import read_manifest

    voice = Voice(as_json=as_json)
    loaded = Risk.load(file)
    with (
        City.open(city_file(city, workspace)) as opened,
        voice.task("risk") as task,
        asked_to_stop() as stopped,
    ):
        folder = run_risk(
            loaded,
            opened,
            folder=workspace / "risks",
            workers=workers,
            scheduler=dask,
            progress=task.share,
            stopped=stopped,
        )
    manifest = read_manifest(folder)
    voice.lines(risk_lines(manifest, folder))
    voice.give({"folder": str(folder), **manifest})
    if not manifest["complete"]:
        raise typer.Exit(STOPPED)


def risk_lines(manifest: dict[str, Any], folder: Path) -> Iterator[str]:
    """What a risk is, in words."""
    from citytwin.impact.numbers import titled

    events, others = len(manifest["events"]), len(manifest["alternatives"])
    yield f"Risk        {manifest['name'] or 'without a name'}: {events} events"
    if not manifest["complete"]:
        yield (
            f"Stopped     {manifest['runs']} of {manifest['of']} runs are there; run it again to go on"
        )
    if others:
        yield "Average of a year and its band; impact by return period in years:"
    plain = manifest["alternatives"][0]["figures"] if others else {}
    called = {name: titled(one["title"], one["unit"]) for name, one in plain.items()}
    for one in manifest["alternatives"]:
        yield f"  {one['name']}"
        yield from _figure_lines(one["figures"], called)
    if others:
        yield f"Band        {manifest['band']}"
    for one in manifest["alternatives"]:
        if "years" in one:
            yield from _strategy_lines(one, manifest["money"])
    yield from _note_lines(manifest)
    if not manifest["model"]["verified"]:
        yield "Warning     this model has not been verified: do not rely on it"
    yield f"Results     {folder}"


def _figure_lines(figures: dict[str, Any], called: dict[str, str]) -> Iterator[str]:
    """The numbers of one alternative, one line each, under one another."""
    wide = max(map(len, called.values()), default=0)
    bands = {name: _banded(one["average_annual"]) for name, one in figures.items()}
    far = max(map(len, bands.values()), default=0)
    for name, one in figures.items():
        averted = f"; averts {_banded(one['averted'])} a year" if one["averted"] else ""
        yield (
            f"    {called[name]:<{wide}}  {bands[name]:<{far}}  {_periods(one['curve'])}{averted}"
        )


def _banded(band: dict[str, Any]) -> str:
    return f"{_short(band['value'])}{_ends(band)}"


def _ends(band: dict[str, Any]) -> str:
    if band["low"] is None:
        return ""
    return f" ({_short(band['low'])} to {_short(band['high'])})"


def _periods(curve: list[dict[str, Any]]) -> str:
    if not curve:
        return ""
    step = max(1, len(curve) // 6)
    shown = [*curve[:-1:step], curve[-1]]
    return ", ".join(f"{p['return_period']:.4g}: {_short(p['impact'])}" for p in shown)


def _strategy_lines(one: dict[str, Any], money: str) -> Iterator[str]:
    yield f"Strategy    {one['name']}"
    yield (
        f"  costs {_short(one['investment'])} {money} at the start and "
        f"{_short(one['upkeep_per_year'])} a year"
    )
    if not one["worth"]:
        return
    middle, low, high = (one["worth"][name] for name in ("value", "low", "high"))
    yield (
        f"  over {one['years']} years at {one['discount']:.3g}: benefit {_short(middle['benefit'])}, "
        f"cost {_short(middle['cost'])}, net {_short(middle['net'])}, ratio {_ratio(middle)}"
        + (f" ({_ratio(low)} to {_ratio(high)})" if low["benefit"] is not None else "")
        + f"; present values in {money}"
    )


def _ratio(found: dict[str, Any]) -> str:
    return (
        "without end, for it costs nothing" if found["ratio"] is None else f"{found['ratio']:.2f}"
    )


def _note_lines(manifest: dict[str, Any]) -> Iterator[str]:
    for note in manifest["notes"][:_MOST_NOTES]:
        yield f"Note        {note}"
    rest = len(manifest["notes"]) - _MOST_NOTES
    if rest > 0:
        yield f"Note        {rest} more are in manifest.json"


def _short(value: float | None) -> str:
    """A number as people read it."""
    from citytwin.impact.numbers import short

    return "unknown" if value is None else short(value)
