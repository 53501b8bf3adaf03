"""Sections of the flood's page: exact laws, sheets, waves, valleys, and a city under a cloudburst."""

import flood_plots as plots
import numpy as np
from flood_page import Section, timed, with_unit

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.base import Published, Site
from citytwin.hazards.flood.verification import laws, sheets, storm
from citytwin.hazards.flood.verification.scene import Scene, positions, skewed_lattice
from citytwin.hazards.flood.verification.water import FULL1, FULL2, INERTIAL, SOLVERS


def site_scene(site: Site, shape: tuple[int, int]) -> Scene:
    """Window of a city as the solvers see it, in the plane [m]."""
    x, y = positions(site.grid.lattice, *shape)
    return Scene(site.grid.lattice, x - x.min(), y - y.min())


def rest(site: Site, _: Published) -> Section:
    """Lake at rest on the city's ground."""
    section = Section(
        "Lake at rest over the city",
        f"A lake over the ground of {site.name}, with hundreds of wet–dry fronts, islands and walls, "
        "for 10,000 steps. Figure: the fastest water ever, its flow over its true depth.",
        "hydrostatic rest; bound of the issue",
    )
    for solver in SOLVERS:
        found, seconds = timed(laws.lake_at_rest, solver, site, 10_000)
        water = found.waters[-1]
        section.add("10,000 steps", solver, water, seconds, found.figure, "m/s", 1e-6)
    depth = np.where(water.depth > 0.0, water.depth, np.nan)
    figure, ((axes,),) = plots.panels(1, 1, 6.0, 5.0)
    image = plots.window(axes, site_scene(site, water.shape), depth, cmap="Blues", vmin=0.0)
    figure.colorbar(image, ax=axes, label="depth of the resting lake [m]", shrink=0.8)
    axes.set(xlabel="x [m]", ylabel="y [m]")
    section.images.append((plots.save(figure, "rest"), "The lake; white cells are dry or walls."))
    return section


def exact(_: Site, __: Published) -> Section:
    """Mass, positivity, symmetry, threads."""
    section = Section(
        "Exact laws on rough ground",
        "Mass is kept to 1e-12 (float64) and 1e-5 (float32) of the water that was there or entered, in "
        "these rows and in every other on this page (column *balance off*). A flow on ground turned by "
        "60° is the turned flow; one thread and many give the same bits; no depth falls below zero at "
        "any step.",
        "conservation, symmetry of the hexagons; bounds of the issue",
    )
    for solver in SOLVERS:
        for dtype, bound in ((np.float32, 1e-5), (np.float64, 1e-12)):
            section.add_run(
                f"storm, {dtype.__name__}: balance", solver, laws.storm_balance,
                (solver, dtype, None), "1", bound,
            )  # fmt: skip
        for name, run, bound, unit in (
            ("depth below zero", laws.lowest_depth, 0.0, "m"),
            ("turned by 60°: difference", laws.sixth_turn_difference, 1e-9, "m"),
            ("serial and parallel: difference", laws.bands_agree, 0.0, "m"),
        ):
            section.add_run(name, solver, run, (solver,), unit, bound)
        for name, lattice in (
            ("regular", regular_lattice(10.0)), ("Shanghai's", skewed_lattice()),
        ):  # fmt: skip
            words = f"dam break on a plain, {name} lattice: spread of the front over its radius"
            section.add_run(words, solver, laws.roundness, (solver, lattice), "1", 0.02)
    return section


def planes(_: Site, __: Published) -> Section:
    """Manning's sheet, and the wave of Bates et al."""
    section = Section(
        "Sheets and a wave on a plane",
        "Rain runs off a plane at Manning's depth, whatever the plane's heading against the lattice "
        "(mean depth against the formula). A wave runs for an hour over a flat, dry plane (Bates et al. "
        "2010, test 1): the full equations have Hunter's closed form; the local inertial equations have "
        "another one, from which the missing advection is seen.",
        "Manning; Hunter et al. 2005; Bates et al. 2010, 10.1016/j.jhydrol.2010.03.027",
    )
    for solver in SOLVERS:
        for degrees in (0, 25, 90):
            words = f"sheet, slope 0.02 at {degrees}°: error of depth"
            values = (solver, np.radians(degrees))
            section.add_run(words, solver, sheets.manning_depth, values, "1", 0.01)
        section.add_run(
            "sheet, slope 0.2 at 25°: error of depth", solver, sheets.manning_depth,
            (solver, np.radians(25)), "1", 0.01, slope=0.2, roughness=0.016,
        )  # fmt: skip
    figure, ((axes,),) = plots.panels(1, 1, 7.0, 3.2)
    for solver, form, bound in (
        (INERTIAL, sheets.inertial_front, 0.015), (INERTIAL, sheets.full_wave, None),
        (FULL1, sheets.full_wave, 0.1), (FULL2, sheets.full_wave, 0.05),
    ):  # fmt: skip
        found, seconds = timed(sheets.wave, solver, 25.0, form)
        own = form is sheets.inertial_front
        words = f"wave, 25 m, against {'the inertial' if own else 'the full'} equations: RMSE"
        section.add(words, solver, found.water, seconds, found.error, "m", bound)
        seen = found.distance > 0.0
        if not own:
            plots.line(axes, found.distance[seen], found.depth[seen], solver)
        axes.plot(
            found.distance[seen], found.expected[seen], linewidth=0.9,
            color=plots.REFERENCE if not own else plots.COLOURS[INERTIAL],
            linestyle=":" if own else "-",
            label={INERTIAL: "closed form, inertial" if own else "closed form, full"}.get(solver),
        )  # fmt: skip
    axes.set(
        xlabel="distance from the inlet [m]", ylabel="depth [m]", title="After one hour, 25 m cells"
    )
    axes.legend()
    section.images.append((plots.save(figure, "wave"), "The wave after an hour."))
    return section


def valleys(_: Site, __: Published) -> Section:
    """Streams in a V-shaped valley."""
    section = Section(
        "A stream in a V-shaped valley",
        "A stream flows down a valley with sides of 1:20 that lies along a line of the lattice, or at "
        "15° or 30° to it. Figure: how far its wet cross-section is from Manning's. Where the stream is "
        "only a few cells wide, its cells zigzag and the lattice is felt: known, and no bound is "
        "claimed beyond what the cases of `citytwin verify` hold.",
        "Manning's formula, strip by strip, see `verification/sheets.py`",
    )
    figure, (axes,) = plots.panels(1, 2, 7.5, 3.0, sharey=True)
    for solver, axis in zip((INERTIAL, FULL2), axes, strict=True):
        for angle, style in ((0, "-"), (15, "--"), (30, ":")):
            widths, ratios = [], []
            for discharge in (0.5, 2.0, 10.0, 40.0):
                found, seconds = timed(sheets.valley, solver, np.radians(angle), 10.0, discharge)
                deep = sheets.valley_section(discharge)[1]
                widths.append(2.0 * deep / sheets.SIDE / 10.0)
                ratios.append(found.ratio)
                words = f"{discharge:g} m³/s at {angle}°, {widths[-1]:.1f} cells wide"
                section.add(words, solver, found.water, seconds, abs(found.ratio - 1.0), "1")
            axis.plot(
                widths, ratios, style, marker="o", markersize=3, color=plots.COLOURS[solver],
                label=f"{angle}° to the lattice",
            )  # fmt: skip
        axis.axhline(1.0, color=plots.REFERENCE, linewidth=0.8)
        axis.set(xlabel="width of the stream [cells]", title=solver, xscale="log")
        axis.legend()
    axes[0].set_ylabel("wet section over Manning's [1]")
    section.images.append(
        (plots.save(figure, "valley"), "Wet section over Manning's against the stream's width.")
    )
    return section


def streets(site: Site, _: Published) -> Section:
    """The city under 100 mm in an hour with two solvers."""
    section = Section(
        "Steep streets: the city under 100 mm in an hour",
        f"{site.name}, {len(site.grid):,} cells of H3 resolution {site.grid.resolution}: 100 mm of rain "
        "in an hour and half an hour after, with both solvers.",
        "citytwin's own; no measurement exists",
    )
    found, seconds = timed(storm.storms, INERTIAL, FULL2, site)
    both = (found.first, found.second)
    section.add(
        "greatest depths apart (mean where either is 50 mm deep)", "both, one after the other", both,
        seconds, found.mean_difference, "m", 0.05,
    )  # fmt: skip
    for solver, water in zip((INERTIAL, FULL2), both, strict=True):
        section.remarks.append(
            f"{solver}: {water.steps:,} steps; balance off by {abs(water.balance.error):.1e} of "
            f"{water.balance.came:,.0f} m³."
        )
    section.remarks += _difference_remarks(found)
    scene = site_scene(site, found.first.shape)
    figure, axes = plots.panels(1, 2, 11.0, 4.8)
    depth = np.where(found.deepest[1] >= storm.WET, found.deepest[1], np.nan)
    shown = (
        (axes[0, 0], depth, {"cmap": "viridis_r", "vmin": 0.0, "vmax": 1.0}, "greatest depth, full"),
        (
            axes[0, 1], np.where(np.abs(found.difference) >= 0.01, found.difference, np.nan),
            {"cmap": "RdBu", "vmin": -0.3, "vmax": 0.3}, "greatest depth, full less inertial",
        ),
    )  # fmt: skip
    extent = np.where(np.isfinite(found.deepest[0]), 1.0, np.nan)
    for axis, values, options, title in shown:
        plots.window(axis, scene, extent, cmap="Greys", vmin=0.0, vmax=8.0)
        image = plots.window(axis, scene, values, **options)
        axis.set_xlim(scene.x[np.isfinite(extent)].min(), scene.x[np.isfinite(extent)].max())
        axis.set_ylim(scene.y[np.isfinite(extent)].min(), scene.y[np.isfinite(extent)].max())
        axis.set(title=title, xlabel="x [m]", ylabel="y [m]")
        figure.colorbar(image, ax=axis, label="[m]", shrink=0.8, extend="max")
    section.images.append(
        (
            plots.save(figure, "streets"),
            "Left: where water is 50 mm or more at its deepest. Right: differences of 10 mm or more; "
            "blue is deeper with full. Grey: open ground.",
        )
    )
    return section


def _difference_remarks(found: storm.Storms) -> list[str]:
    off = found.compared
    wet = [area / 1e4 for area in found.wet_areas]
    share = float((np.abs(off) > 0.1).mean())
    quantiles = ", ".join(
        f"{q} % within {with_unit(float(np.quantile(np.abs(off), q / 100)), 'm')}"
        for q in (50, 90, 99)
    )
    speeds = [float(np.max(w.record["speed_max"])) for w in (found.first, found.second)]
    return [
        f"Wet to 50 mm or more at some time: {wet[0]:.1f} ha with inertial, {wet[1]:.1f} ha with full.",
        f"Of the cells wet in either, {quantiles}; {share:.1%} differ by more than 0.1 m; the mean "
        f"difference (full less inertial) is {off.mean() * 1000:+.1f} mm.",
        f"Fastest water ever: {speeds[0]:.1f} m/s with inertial, {speeds[1]:.1f} m/s with full.",
        f"Share of the flow faster than its waves: {found.first.rushing:.0%} by inertial, "
        f"{found.second.rushing:.0%} by full: there the local inertial equations leave out momentum "
        "that counts.",
    ]
