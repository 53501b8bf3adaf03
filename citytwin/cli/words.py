"""Outcomes as plain lines for people."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from citytwin.city import City
from citytwin.ensemble.doubts import unverified
from citytwin.hazards.cases import Verified
from citytwin.impact.base import Curve
from citytwin.impact.numbers import short, titled
from citytwin.scenario.comparing import Comparison
from citytwin.scenario.results import Results


def city_facts(city: City) -> dict[str, Any]:
    """What a city holds, for machines."""
    return {
        "city": str(city.path),
        "name": city.name,
        "title": city.title,
        "fingerprint": city.fingerprint,
        "resolution": city.resolution,
        "cells": len(city.grid),
        "buildings": city.counts["buildings"],
        "street_km": city.totals["street_length"]["after"] / 1000.0,
        "people": city.totals["people"]["after"],
        "totals": city.totals,
        "lifelines": len(city.lifelines),
        "lifelines_assumed": sum(bool(one["assumed"]) for one in city.lifelines),
        "hollows": city.notes.get("ground", {}),
        "attribution": city.attribution,
        "build_seconds": sum(step["seconds"] for step in city.steps),
    }


def city_lines(city: City) -> Iterator[str]:
    """What a city holds, in words."""
    facts = city_facts(city)
    yield f"City        {city.title}"
    yield f"Buildings   {facts['buildings']:,}"
    yield f"Streets     {facts['street_km']:,.1f} km, paths included"
    yield f"Cells       {facts['cells']:,} of H3 resolution {city.resolution}"
    yield f"People      {facts['people']:,.0f} ({city.notes['people']})"
    if city.lifelines:
        assumed = facts["lifelines_assumed"]
        yield f"Lifelines   {facts['lifelines']}" + (
            f", {assumed} of them assumed" if assumed else ""
        )
    yield "Totals before and after moving to cells:"
    for name, row in city.totals.items():
        change = abs(row["after"] - row["before"]) / max(abs(row["before"]), 1e-300)
        before, after, unit = row["before"], row["after"], "" if row["unit"] == "1" else row["unit"]
        label = name.replace("_", " ")
        yield f"  {label:<15} {before:>16,.3f}  {after:>16,.3f} {unit:<3} differ by {change:.0e}"
    yield f"Fingerprint {city.fingerprint[:16]}"
    yield f"Data        {city.attribution}"


def run_facts(results: Results) -> dict[str, Any]:
    """What a run gave, for machines."""
    manifest = results.manifest
    return {
        "key": results.key,
        "results": str(results.folder),
        "scenario": manifest["scenario"],
        "balance": manifest["balance"],
        "balance_sentence": manifest["balance_sentence"],
        "notes": manifest.get("notes", []),
        "complete": results.complete,
        "seconds": manifest["seconds"],
        "impact": {k: v for k, v in results.impact.items() if k != "series"},
    }


def run_lines(results: Results) -> Iterator[str]:
    """What a run gave, in words."""
    manifest, impact = results.manifest, results.impact
    yield f"Scenario    {manifest['scenario']['name'] or manifest['model']['name']}"
    if not results.complete:
        yield f"Stopped     {results.times[-1] / 60.0:,.0f} min were computed; run it again to go on"
    yield f"Balance     {manifest['balance_sentence']}"
    for note in manifest.get("notes", []):
        yield f"Note        {note}"
    if impact:
        yield from _impact_lines(impact)
        yield from _doubt_lines(impact["curves"])
    if not manifest["model"]["verified"]:
        yield "Warning     this model has not been verified: do not rely on it"
    yield f"Results     {results.folder}"


def _impact_lines(impact: dict[str, Any]) -> Iterator[str]:
    yield f"{impact['measure']}:"
    width = max(len(level["title"]) for level in impact["levels"])
    for level in impact["levels"]:
        people, count = impact["people"][level["name"]], impact["buildings"][level["name"]]
        homes = f"{people:>9,.0f} people who live there"
        yield f"  {level['title']:<{width}}   {count:>7,.0f} buildings   {homes}"
    for count in impact["counts"]:
        unit = "" if count["unit"] == "1" else f" {count['unit']}"
        yield f"  {count['value']:>11,.0f}{unit} {count['title']}: {count['who']}"
    for one in impact.get("facilities", ()):
        yield f"  {one['words']}"
    if impact["roads"]:
        yield from _road_lines(impact["roads"])


def _road_lines(roads: dict[str, Any]) -> Iterator[str]:
    yield (
        f"Streets impassable to cars ({roads['reason']}): "
        f"{roads['impassable_m'] / 1000:.1f} of {roads['total_m'] / 1000:.1f} km"
    )
    for name, length in roads["by_class"].items():
        if length["impassable_m"] >= 1.0:
            yield (
                f"  {name:<15} {length['impassable_m'] / 1000:>6.2f} of "
                f"{length['total_m'] / 1000:.2f} km"
            )
    ways = roads["footways"]
    yield (
        f"  footways and paths likewise: {ways['impassable_m'] / 1000:.1f} of "
        f"{ways['total_m'] / 1000:.1f} km"
    )


def chain_lines(manifest: dict[str, Any]) -> Iterator[str]:
    """What happened in a chain, on one timeline, in words."""
    yield f"Chain       {manifest['chain']['name'] or 'without a name'}"
    yield from _timeline_lines(manifest["timeline"])
    if manifest.get("later"):
        yield "Later, if nothing is repaired:"
        yield from _timeline_lines(manifest["later"])
    for step in manifest["steps"]:
        for count in step["impact"].get("counts", ()):
            unit = "" if count["unit"] == "1" else f" {count['unit']}"
            yield f"  {step['name']:<10} {count['value']:>13,.0f}{unit} {count['title']}"
        for note in step["notes"]:
            yield f"Note        {step['name']}: {note}"
        if "further_pass" in step:
            yield f"Outages     {step['name']}: {step['further_pass']['words']}"
    if "damage" in manifest:
        damage = manifest["damage"]
        yield (
            f"Damage of all steps together, what is lost counted once: {damage['value']:,.0f} "
            f"{damage['unit']}"
        )
    streets = manifest["streets"]
    roads = [step["impact"].get("roads", {}) for step in manifest["steps"]]
    reasons = [one.get("reason", "") for one in roads]
    expected = " (expected)" if any("expected" in reason for reason in reasons) else ""
    yield (
        f"Streets closed by all steps together: {streets['impassable_m'] / 1000:.1f} of "
        f"{streets['total_m'] / 1000:.1f} km{expected}"
    )
    for step in manifest["steps"]:
        yield from _doubt_lines(step["impact"].get("curves", ()), f"{step['name']}: ")
    for step in manifest["steps"]:
        yield f"Results     {step['name']}: {step['results']}"


def _timeline_lines(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        hours, minutes = divmod(round(entry["time"] / 60.0), 60)
        yield f"  {hours:>3} h {minutes:02d}  {entry['step']:<10} {entry['words']}"


def ensemble_lines(manifest: dict[str, Any], folder: Path) -> Iterator[str]:
    """What the members of an ensemble say together, in words."""
    name = manifest["scenario"]["name"] or manifest["model"]["name"]
    whole = "" if manifest["complete"] else ", not all of them yet: run it again to go on"
    yield f"Ensemble    {name}: {manifest['members']} members, {manifest['design']}{whole}"
    called = {
        figure: _called(manifest, figure)
        for figure in manifest["figures"]
        if not _is_balance(figure)
    }
    wide = max(map(len, called.values()), default=0)
    if called:
        yield "What 10, 50 and 90 % of the members do not exceed; mean with its standard error:"
        yield f"  {'':<{wide}} {'p10':>15} {'p50':>15} {'p90':>15} {'mean ± error':>28}"
    for figure, title in called.items():
        found = manifest["figures"][figure]
        mean = f"{short(found['mean'])} ± {short(found['standard_error'])}"
        values = " ".join(f"{short(found[level]):>15}" for level in ("p10", "p50", "p90"))
        yield f"  {title:<{wide}} {values} {mean:>28}"
    rows = [row for row in manifest["sensitivity"] if row["figure"] in called]
    if rows:
        yield "Share of the variance that a parameter causes alone, and with the others:"
    for row in rows:
        yield (
            f"  {called[row['figure']]:<{wide}} {row['parameter']:<20} {row['first_order']:>6.2f} ± "
            f"{row['first_order_band']:.2f}  {row['total']:>6.2f} ± {row['total_band']:.2f}"
        )
    if manifest["risk"]:
        yield "Risk: average of a year with its 90 % band, and impact by return period in years:"
    for figure, found in manifest["risk"].items():
        low, high = short(found["low"]), short(found["high"])
        band = f"{short(found['average_annual'])} ({low} to {high})"
        by_period = ", ".join(f"{p}: {short(v)}" for p, v in found["by_return_period"].items())
        yield f"  {called[figure]:<{wide}} {band:<40} {by_period}"
    unseen = manifest["probability_of_nothing_seen"][1]
    yield f"What no member shows may still happen with a probability of up to {unseen:.1%}."
    yield from (f"Note        {note}" for note in manifest["notes"])
    yield from _doubt_lines(manifest["curves"])
    if not manifest["model"]["verified"]:
        yield "Warning     this model has not been verified: do not rely on it"
    yield f"Results     {folder}"


def _doubt_lines(curves: Iterable[dict[str, Any]], step: str = "") -> Iterator[str]:
    """Which vulnerabilities that were used nobody compared with their source."""
    doubts = unverified([Curve(**curve) for curve in curves])
    if doubts:
        yield f"Note        {step}{doubts}"


def _called(manifest: dict[str, Any], figure: str) -> str:
    """What people call a number of an ensemble, with its unit."""
    title = manifest["titles"].get(figure, (figure,))[0]
    return titled(title, manifest["units"].get(figure, ""))


def _is_balance(figure: str) -> bool:
    """Whether a number of an ensemble is of a balance, not of the impact."""
    return ".balance." in f".{figure}"


def comparison_lines(found: Comparison, written: Path | None) -> Iterator[str]:
    """Runs beside one another, in words; what is equal in all of them is left out."""
    for at, run in enumerate(found.runs, start=1):
        name = run.manifest["scenario"]["name"] or run.manifest["model"]["name"]
        yield f"Run {at:<8}{name} ({run.key})"
    yield "Differs in the scenario:" if found.differs else "The scenarios are equal."
    for name, values in found.differs.items():
        yield f"  {name:<30} " + " | ".join(
            "–" if value is None else f"{value}" for value in values
        )
    rows = [row for row in found.rows if row.by == "city" and _differ(row.values)]
    if not found.rows:
        yield "Nobody counted an impact of these: of ensembles compare single runs."
    elif rows:
        yield "Differs in the impact (by how much from the first):"
    else:
        yield "Nothing differs in the impact."
    wide = max((len(row.title) for row in rows), default=0)
    for row in rows:
        shown = " | ".join(f"{_or_none(value):>13}" for value in row.values)
        changes = " | ".join(_or_none(one, sign="+") for one in row.differences[1:])
        yield f"  {row.title:<{wide}} {shown}   ({changes})"
    if written is not None:
        yield f"Written     {written}"


def _set_to(value: Any) -> str:
    """What a field of a scenario is, or a dash where it is nothing."""
    return "–" if value is None or value in ("", []) else str(value)


def _differ(values: tuple[float, ...]) -> bool:
    """Whether numbers differ by more than rounding, or some run lacks one."""
    known = [value for value in values if value == value]  # noqa: PLR0124  (not a number)
    far = max(known, default=0.0) - min(known, default=0.0)
    return len(known) < len(values) or far > 1e-6 * max(map(abs, known), default=0.0)


def _or_none(value: float, sign: str = "") -> str:
    """A number, or a dash where there is none."""
    if value != value:  # noqa: PLR0124  (not a number)
        return "–"
    return f"{value:{sign},.0f}" if abs(value) >= 100.0 else f"{value:{sign}.3g}"


def comparison_facts(found: Comparison, written: Path | None) -> dict[str, Any]:
    """Runs beside one another, for machines."""
    return {
        "runs": [run.key for run in found.runs],
        "differs": {name: list(values) for name, values in found.differs.items()},
        "quantity": found.quantity,
        "numbers": [
            {
                "by": row.by,
                "group": row.group,
                "what": row.what,
                "level": row.level,
                "title": row.title,
                "values": [None if value != value else value for value in row.values],  # noqa: PLR0124
            }
            for row in found.rows
        ],
        "written": str(written) if written else None,
    }


def verified_facts(model: str, outcome: Verified) -> dict[str, Any]:
    """One verification case, for machines; ``passed`` is null where it was skipped."""
    case = outcome.case
    facts: dict[str, Any] = {
        "model": model,
        "case": case.name,
        "figure": None if outcome.skipped else outcome.figure,
        "bound": case.bound,
        "unit": case.unit,
        "source": case.source,
        "passed": None if outcome.skipped else outcome.passed,
    }
    if outcome.laws:
        facts["laws"] = [
            {"name": law.name, "figure": law.figure, "bound": law.bound} for law in outcome.laws
        ]
    return {**facts, "skipped": outcome.skipped} if outcome.skipped else facts


def verified_line(outcome: Verified) -> str:
    """One verification case, in words."""
    case = outcome.case
    unit = "" if case.unit == "1" else f" {case.unit}"
    if outcome.skipped:
        return f"skip  {case.name}: {outcome.skipped}"
    mark = "pass" if outcome.passed else "FAIL"
    broken = "".join(
        f"; but {law.name}: {law.figure:.2g}, at most {law.bound:g}"
        for law in outcome.laws
        if not law.holds
    )
    return (
        f"{mark}  {case.name}: {outcome.figure:.2g}{unit}, at most {case.bound:g}{unit} "
        f"({case.source}){broken}"
    )
