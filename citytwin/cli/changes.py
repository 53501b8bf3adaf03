"""Refreshes and differences in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from citytwin.refresh.job import Refreshed


def refresh_lines(outcome: "Refreshed") -> Iterator[str]:
    """Outcome of a refresh."""
    if outcome.status == "unchanged":
        yield f"Unchanged   {outcome.city}: no input changed ({outcome.seconds:.2f} s)"
    else:
        yield f"Published   {outcome.city} ({outcome.seconds:.1f} s)"
    yield f"Snapshot    {outcome.snapshot}"
    if outcome.steps:
        ran = ", ".join(outcome.recomputed) or "none"
        yield f"Steps       {len(outcome.recomputed)} of {len(outcome.steps)} ran: {ran}"
    for remark in outcome.remarks:
        yield f"Remark      {remark}"
    if outcome.changes is not None:
        yield from diff_lines(outcome.changes)
    for name in outcome.pruned:
        yield f"Removed     snapshot {name}"


def diff_lines(changes: dict[str, Any]) -> Iterator[str]:
    """Differences between two cities, from :meth:`citytwin.refresh.diff.Diff.summary`."""
    if changes["same"]:
        yield "Changes     none in features, totals and cells"
    for name, layer in changes["layers"].items():
        yield f"{name:<15} {_layer(layer)}"
    for name, total in changes["totals"].items():
        unit = "" if total["unit"] == "1" else f" {total['unit']}"
        move = total["after"] - total["before"]
        label = name.replace("_", " ")
        yield (
            f"{label:<15} {total['before']:,.1f} became {total['after']:,.1f}{unit} ({move:+,.1f})"
        )
    if changes["grid"] != "same":
        yield f"Grid        {changes['grid']}"
    if changes["cells"] is not None:
        yield from _cells(changes["cells"])
    for kind, files in changes["sources"].items():
        for file in files:
            yield f"Source      {file} {kind}"


def _layer(layer: dict[str, Any]) -> str:
    parts = [f"{layer[what]:,} {what}" for what in ("added", "removed", "changed") if layer[what]]
    inside = [f"geometry {layer['geometry']:,}"] if layer["geometry"] else []
    inside += [f"{name} {count:,}" for name, count in layer["attributes"].items()]
    return ", ".join(parts) + (f" ({', '.join(inside)})" if inside else "")


def _cells(cells: dict[str, Any]) -> Iterator[str]:
    for name in cells["missing"]:
        yield f"Cells       only one of the cities has {name}"
    if cells["changed"]:
        yield f"Cells       {cells['changed']:,} changed, {cells['area_m2'] / 1e6:,.3f} km²"
    for name, layer in cells["by_layer"].items():
        if layer["changed"]:
            largest = layer["largest_change"]
            by = "" if largest is None else f", by {largest:.3g} at most"
            yield f"  {name:<17} {layer['changed']:,} cells{by}"
