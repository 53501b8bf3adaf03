"""Sections of the flood's page: a city under a cloudburst, and its buildings in three ways."""

import flood_plots as plots
import numpy as np
from flood_page import Section, timed, with_unit
from flood_water import site_scene

from citytwin.hazards.cases import Published, Site
from citytwin.hazards.flood.verification import storm
from citytwin.hazards.flood.verification.water import FULL2, INERTIAL

#: What buildings can be, in words.
BUILDINGS = {
    "porous": "porous, open by a tenth",
    "obstacles": "obstacles",
    "raised": "raised ground",
}


def streets(site: Site, _: Published) -> Section:
    """The city under 100 mm in an hour with two solvers."""
    section = Section(
        "Steep streets: the city under 100 mm in an hour",
        f"{site.name}, {len(site.grid):,} cells of H3 resolution {site.grid.resolution}: 100 mm of rain "
        "in an hour and half an hour after, with both solvers.",
        "citytwin's own; no measurement exists",
    )
    storms, spent = {}, {}
    for solver in (INERTIAL, FULL2):
        storms[solver], spent[solver] = timed(storm.storm, solver, site)
    one, other = storms[INERTIAL], storms[FULL2]
    for title, first, second, bound in (
        ("depths at the end of the rain apart", one.mean, other.mean, 0.05),
        ("greatest depths apart", one.deepest, other.deepest, None),
    ):
        off = float(np.abs(storm.difference(first, second)).mean())
        section.add(
            f"{title} (mean where either is 50 mm deep)", "both, one after the other",
            (one.water, other.water), sum(spent.values()), off, "m", bound,
        )  # fmt: skip
    section.remarks += [
        _storm_remark(solver, found, spent[solver]) for solver, found in storms.items()
    ]
    section.remarks += _difference_remarks(one, other)
    figure, axes = plots.panels(1, 2, 11.0, 4.8)
    depth = np.where(other.mean >= storm.WET, other.mean, np.nan)
    apart = other.mean - one.mean
    shown = (
        (axes[0, 0], depth, {"cmap": "viridis_r", "vmin": 0.0, "vmax": 1.0}, "depth, full"),
        (
            axes[0, 1], np.where(np.abs(apart) >= 0.01, apart, np.nan),
            {"cmap": "RdBu", "vmin": -0.3, "vmax": 0.3}, "depth, full less inertial",
        ),
    )  # fmt: skip
    for axis, values, options, title in shown:
        _map(figure, axis, site, one.mean, values, title, **options)
    section.images.append(
        (
            plots.save(figure, "streets"),
            "Mean depth in the last five minutes of an hour of rain. Left: where it is 50 mm or more. "
            "Right: differences of 10 mm or more; blue is deeper with full. Grey: open ground.",
        )
    )
    return section


def buildings(site: Site, _: Published) -> Section:
    """Buildings as porous cells, obstacles, raised ground."""
    section = Section(
        "Buildings in three ways",
        "The same storm with `inertial`, and buildings as the scenario's `buildings` takes them. Porous "
        "cells hold and pass water by the share that no roof covers, at least a tenth; obstacles are "
        "the cells at least half covered, shut; raised ground is the same cells, 6 m higher. Figure: "
        "mean depth in the last five minutes of the rain against porous, where either is 50 mm deep.",
        "citytwin's own; no measurement exists",
    )
    storms = {}
    for kind, words in BUILDINGS.items():
        storms[kind], seconds = timed(storm.storm, INERTIAL, site, kind)
        found, plain = storms[kind], storms["porous"]
        off = storm.difference(np.nan_to_num(plain.mean), np.nan_to_num(found.mean))
        apart = float(np.abs(off).mean())
        section.add(words, INERTIAL, found.water, seconds, apart, "m")
        flooded = found.mean[np.nan_to_num(found.mean) >= storm.WET]
        section.remarks.append(
            f"{words}: {found.wet_area / 1e4:.1f} ha at least 50 mm deep, "
            f"{np.median(flooded):.2f} m in the middle one of these cells, "
            f"{np.quantile(flooded, 0.9):.2f} m in the deepest tenth."
        )
    section.remarks.append(
        "With obstacles and raised ground the rain of the roofs runs into the streets and courtyards "
        "beside them and all of these are wholly open; with porous cells blocks also store water and "
        "let it through. Where no passage is known this is an assumption: compare before you decide."
    )
    figure, axes = plots.panels(1, 3, 15.0, 4.6)
    for axis, (kind, found) in zip(axes[0], storms.items(), strict=True):
        depth = np.where(found.mean >= storm.WET, found.mean, np.nan)
        _map(
            figure,
            axis,
            site,
            found.mean,
            depth,
            BUILDINGS[kind],
            cmap="viridis_r",
            vmin=0.0,
            vmax=1.0,
        )
    words = "Mean depth in the last five minutes of the rain, where it is 50 mm or more."
    section.images.append((plots.save(figure, "buildings"), words))
    return section


def _map(figure, axis, site: Site, known, values, title: str, **options) -> None:
    """Values over the city's open ground, in grey."""
    scene = site_scene(site, known.shape)
    extent = np.where(np.isfinite(known), 1.0, np.nan)
    shown = np.isfinite(extent)
    plots.window(axis, scene, extent, cmap="Greys", vmin=0.0, vmax=8.0)
    image = plots.window(axis, scene, values, **options)
    axis.set_xlim(scene.x[shown].min(), scene.x[shown].max())
    axis.set_ylim(scene.y[shown].min(), scene.y[shown].max())
    axis.set(title=title, xlabel="x [m]", ylabel="y [m]")
    figure.colorbar(image, ax=axis, label="[m]", shrink=0.8, extend="max")


def _storm_remark(solver: str, found: storm.Storm, seconds: float) -> str:
    water = found.water
    fastest = float(np.max(water.record["speed_max"]))
    return (
        f"{solver}: {water.steps:,} steps in {seconds:.0f} s; balance off by "
        f"{abs(water.balance.error):.1e} of {water.balance.came:,.0f} m³; {found.wet_area / 1e4:.1f} ha "
        f"at least 50 mm deep at the end of the rain, of which {found.wavy_area / 1e4:.2f} ha swing by "
        f"0.2 m or more in five minutes of even rain; fastest water ever {fastest:.1f} m/s; "
        f"{water.rushing:.0%} of the flow faster than its waves."
    )


def _difference_remarks(one: storm.Storm, other: storm.Storm) -> list[str]:
    off = storm.difference(one.mean, other.mean)
    quantiles = ", ".join(
        f"{q} % within {with_unit(float(np.quantile(np.abs(off), q / 100)), 'm')}"
        for q in (50, 90, 99)
    )
    return [
        f"Of the cells 50 mm deep in either, {quantiles}; {(np.abs(off) > 0.1).mean():.1%} differ by "
        f"more than 0.1 m; the mean difference (full less inertial) is {off.mean() * 1000:+.1f} mm.",
        "The likely cause, which was not taken apart: the local inertial equations leave out the "
        "momentum of flow that is faster than its waves. No measurement says which is nearer.",
    ]
