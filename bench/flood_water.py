"""Sections of the flood's page: exact laws, sheets, waves, valleys."""

import flood_plots as plots
import numpy as np
from flood_page import Section, timed

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.cases import Published, Site
from citytwin.hazards.flood.verification import laws, rolls, sheets
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


def rolling(_: Site, __: Published) -> Section:
    """Even flow down a plane, and whether it rolls."""
    section = Section(
        "Even flow on a steep plane, and whether it breaks into pulses",
        "Water 0.3 m deep runs down a plane, n = 0.03, fed with a swing of 5 % every 30 s. Figure: the "
        "swing after 900 m over that after 150 m. The full equations let it grow beyond a Froude "
        "number of 1.5 only; the local inertial equations as published beyond 0.6, which is why "
        "`inertial` hastens its waves (see `inertial/kernel.py`).",
        "Vedernikov's criterion",
    )
    for solver in SOLVERS:
        for froude in (0.5, 0.9, 1.2):
            section.add_run(
                f"Froude number {froude}: growth",
                solver,
                rolls.roll_growth,
                (solver, froude),
                "1",
                1.0,
            )
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
