"""Sections of the flood's page: closed forms, and the order of convergence."""

import flood_plots as plots
import numpy as np
from flood_page import Section, timed

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.cases import Published, Site
from citytwin.hazards.flood.verification import bowls, channels, order
from citytwin.hazards.flood.verification.scene import Probe, shanghai_lattice
from citytwin.hazards.flood.verification.water import FULL, FULL1, FULL2, INERTIAL, SOLVERS


def dams(_: Site, published: Published) -> Section:
    """Stoker and Ritter."""
    section = Section(
        "Dam breaks: Stoker and Ritter",
        "SWASHES's dam breaks, 200 times larger by Froude's law: 1 m of water behind a dam in a flat "
        "channel without friction, 2,000 m × 200 m, on 0.2 m of water (Stoker) and on dry ground "
        "(Ritter). Hexagons of 10 m; the channel's side walls are closed and end in teeth; the middle "
        "line is compared. Figure: mean error of the depth over the depth behind the dam.",
        "SWASHES 1.05, Delestre et al. 2013, 10.1002/fld.3741",
    )
    figure, axes = plots.panels(2, 2, 9.0, 5.0, sharex=True)
    bounds = {INERTIAL: (None, None), FULL1: (0.02, 0.015), FULL2: (0.01, 0.008)}
    for k, (name, choice) in enumerate((("Stoker", 1), ("Ritter", 2))):
        table = published(f"swashes 1 3 1 {choice} 400")
        for solver in SOLVERS:
            for angle in (0, 15, 30):
                found, seconds = timed(
                    channels.dam_break, solver, table, regular_lattice(10.0),
                    angle=np.radians(angle),
                )  # fmt: skip
                words = f"{name}, lattice at {angle}°"
                bound = bounds[solver][k]
                section.add(words, solver, found.water, seconds, found.error, "1", bound)
                if angle == 0:
                    plots.line(axes[0, k], found.x, found.level, solver)
                    plots.line(axes[1, k], found.x, found.speed, solver)
        for row, expected in enumerate((found.expected, found.expected_speed)):
            axes[row, k].plot(
                found.x, expected, color=plots.REFERENCE, linewidth=0.8, label="closed form"
            )
        axes[0, k].set(title=f"{name}, after {found.water.time:.0f} s", ylabel="depth [m]")
        axes[1, k].set(xlabel="x [m]", ylabel="speed [m/s]")
    axes[0, 0].legend()
    section.images.append((plots.save(figure, "dams"), "Dam breaks on 10 m hexagons."))
    section.remarks.append(
        "The local inertial equations have no advection and therefore another dam break: their rows are "
        "only reported, and `full` is the solver for dam breaks."
    )
    return section


def macdonald(_: Site, published: Published) -> Section:
    """MacDonald's channels."""
    section = Section(
        "MacDonald's channels, without and with rain",
        "Steady subcritical flow (Froude number up to 0.99) over 1,000 m with n = 0.033, on hexagons of "
        "5 m; 2 m²/s without rain, 1 m²/s and 0.001 m/s of rain with it. The channel is 120 m wide (or "
        "60 m, to see the walls) with closed side walls that end in teeth, lies at 0°, 15° or 30° to "
        "the lattice, and is carried on for 100 m beyond both ends by the formula of the closed form. "
        "Inflow and rain are set for the width that conveys, without the water between the teeth. "
        "Figure: mean absolute error of the level on the middle line.",
        "SWASHES 1.05 (10.1002/fld.3741); bounds: another model's acceptance",
    )
    figure, axes = plots.panels(2, 2, 9.0, 5.0, sharex=True)
    for k, (rainy, bound) in enumerate(((False, 0.03), (True, 0.035))):
        name = "mcdo_rain" if rainy else "mcdo_norain"
        x, ground, _level = channels.macdonald_file(published(f"macdonald/{name}.csv"))
        bed = channels.Bed(rainy, x=x, ground=ground)
        words = "with rain" if rainy else "without rain"
        for solver in SOLVERS:
            for angle, width in ((15, 60.0), (0, 120.0), (30, 120.0), (15, 120.0)):
                found, seconds = timed(
                    channels.macdonald, solver, regular_lattice(5.0), bed,
                    angle=np.radians(angle), width=width,
                )  # fmt: skip
                row = f"{words}, {width:.0f} m wide, lattice at {angle}°"
                kept = None if solver == FULL1 or width < 120.0 else bound
                section.add(row, solver, found.water, seconds, found.error, "m", kept)
                if (angle, width) == (15, 120.0):
                    plots.line(axes[0, k], x, found.level, solver)
                    off = (found.level - found.expected) * 1000.0
                    plots.line(axes[1, k], x, off, solver)
        axes[0, k].plot(
            x, found.expected, color=plots.REFERENCE, linewidth=0.8, label="closed form"
        )
        axes[0, k].fill_between(x, ground.min(), ground, color="#cccccc", label="ground")
        axes[0, k].set(title=f"MacDonald {words}, lattice at 15°", ylabel="level [m]")
        axes[1, k].axhline(0.0, color=plots.REFERENCE, linewidth=0.8)
        axes[1, k].set(xlabel="x [m]", ylabel="level off [mm]")
    axes[0, 0].legend()
    section.images.append(
        (plots.save(figure, "macdonald"), "Level, and its error, on 5 m hexagons.")
    )
    section.remarks.append(
        "Side walls of hexagons end in teeth. With `full` they brake the water beside them where they "
        "run at 15° to the lattice: the error there falls with the width of the channel."
    )
    return section


def thacker(_: Site, __: Published) -> Section:
    """Thacker's bowls."""
    section = Section(
        "Thacker's bowls: a moving shore",
        "Water swings in a paraboloid of 600 m radius and 6 m depth without friction, on the H3 lattice "
        "in the centre of Shanghai. The planar surface goes round, the curved one swings up and down; "
        "the shore moves all the time. Figure: mean absolute error of the depth over its mean, after "
        "two periods. Double precision.",
        "Thacker 1981, 10.1017/S0022112081001882; the closed forms agree with SWASHES's tables in "
        "`tests/verification`",
    )
    figure, axes = plots.panels(1, 2, 9.0, 3.2)
    x = np.linspace(-950.0, 950.0, 400)
    kinds = (
        ("planar", bowls.planar_bowl, bowls.planar_level, bowls.planar_period()),
        ("curved", bowls.curved_bowl, bowls.curved_level, bowls.curved_period()),
    )
    for axis, (name, which, level, period) in zip(axes[0], kinds, strict=True):
        for solver in SOLVERS if name == "curved" else FULL:
            for resolution in (11, 12):
                lattice = shanghai_lattice(resolution)
                found, seconds = timed(which, solver, lattice, 2.0)
                section.add(
                    f"{name}, resolution {resolution}",
                    solver,
                    found.water,
                    seconds,
                    found.error,
                    "1",
                )
            look = Probe(found.scene, x, np.zeros(x.size))
            plots.line(axis, x, look(found.water.level) - 20.0, solver)
        ground = bowls.bowl_ground(x, np.zeros(x.size))
        exact = np.maximum(level(x, np.zeros(x.size), 2.0 * period), ground)
        axis.plot(x, exact, color=plots.REFERENCE, linewidth=0.8, label="closed form")
        axis.fill_between(x, -6.5, ground, color="#cccccc")
        axis.set(
            xlabel="x [m]", ylabel="level [m]",
            title=f"{name} surface after {2.0 * period:.0f} s, resolution 12",
        )  # fmt: skip
        axis.legend()
    section.images.append((plots.save(figure, "thacker"), "Sections through the bowls."))
    section.remarks.append(
        "The planar solution needs advection, which the local inertial equations lack; in the curved "
        "one they swing with another period. Their row is only reported."
    )
    return section


def convergence(_: Site, __: Published) -> Section:
    """Errors against cell sizes."""
    section = Section(
        "Order of convergence over H3 resolutions",
        "The same problem on finer and finer cells: a smooth vortex that holds its shape (closed form, "
        "no shore), Thacker's planar bowl with its moving shore, and a channel. On the H3 lattice of "
        "Shanghai, skewed and turned anew at each resolution, and on regular hexagons of the same "
        "sizes. Figure: the error on the finest cells.",
        "closed forms, see `verification/bowls.py` and `channels.py`",
    )
    figure, axes = plots.panels(1, 3, 10.5, 3.6)
    shanghai = [shanghai_lattice(r) for r in (11, 12, 13)]
    regular = [regular_lattice(float(lattice.lengths.mean())) for lattice in shanghai]
    for solver in FULL:
        for name, lattices, marker in (("Shanghai", shanghai, "o"), ("regular", regular, "^")):
            for axis, problem, run in (
                (axes[0, 0], "vortex", order.vortex_over),
                (axes[0, 1], "planar bowl", order.planar_over),
            ):
                found, seconds = timed(run, solver, lattices)
                _draw(section, axis, found, seconds, solver, (problem, name, marker))
    found, seconds = timed(order.channel_refined, INERTIAL, (20.0, 10.0, 5.0))
    problem = "channel of its own equations"
    _draw(section, axes[0, 2], found, seconds, INERTIAL, (problem, "regular", "^"))
    for axis, title, orders in zip(
        axes[0], ("smooth vortex", "planar bowl, moving shore", "MacDonald's channel"),
        ((1, 2), (1, 2), (1,)), strict=True,
    ):  # fmt: skip
        _guides(axis, orders)
        axis.set(title=title, xlabel="distance of the cells [m]", xscale="log", yscale="log")
        axis.legend(fontsize=7)
    axes[0, 0].set_ylabel("error [1]")
    axes[0, 2].set_ylabel("mean error of level [m]")
    section.images.append(
        (plots.save(figure, "order"), "Errors against the size of the cells; grey: slopes 1 and 2.")
    )
    return section


def _draw(section: Section, axis, found: order.Refined, seconds, solver, words) -> None:
    problem, name, marker = words
    plots.line(
        axis, found.spacings, found.errors, solver, marker=marker, markersize=4,
        label=f"{solver}, {name}", linestyle="-" if name == "Shanghai" else "--",
    )  # fmt: skip
    orders = " and ".join(f"{p:.2f}" for p in found.orders)
    section.add(
        f"{problem}, {name}: orders {orders}", solver, found.waters[-1], seconds,
        found.errors[-1], "m" if "channel" in problem else "1",
    )  # fmt: skip


def _guides(axis, orders) -> None:
    """Grey lines of whole slopes through the coarsest, greatest error."""
    drawn = [line.get_xydata() for line in axis.get_lines()]
    x = np.array([min(d[:, 0].min() for d in drawn), max(d[:, 0].max() for d in drawn)])
    top = max(d[:, 1].max() for d in drawn)
    for p in orders:
        axis.plot(x, top * (x / x[1]) ** p, color="#aaaaaa", linewidth=0.8, zorder=0)
