"""The cases of ``citytwin verify flood``: what is computed, its bound, and who says so."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.cases import Measured, Site, Verification
from citytwin.hazards.flood.verification import (
    bowls,
    building,
    channels,
    ea,
    laws,
    order,
    rolls,
    sheets,
    storm,
    subgrid,
)
from citytwin.hazards.flood.verification.scene import skewed_lattice
from citytwin.hazards.flood.verification.water import FULL, FULL1, FULL2, INERTIAL, SOLVERS

_OURS = "citytwin's own bound"
_MASS = "conservation of mass"
_REST = "hydrostatic rest"
_MANNING = "Manning's formula"
_VEDERNIKOV = (
    "Vedernikov's criterion: the full equations roll beyond a Froude number of 1.5 only, the plain "
    "local inertial ones beyond 0.6"
)
_HUNTER = (
    "closed form of Hunter et al. 2005 for the full equations, test 1 of Bates et al. 2010; the local "
    "inertial form lacks advection, u²/(g h); bound citytwin's own, the paper's figure was not read"
)
_HUNTER_FULL = (
    "closed form of Hunter et al. 2005 for the full equations, test 1 of Bates et al. 2010; bound "
    "citytwin's own"
)
_CLOSED = "closed form of the local inertial equations, see inertial_front"
_SWASHES = "SWASHES 1.05 (Delestre et al. 2013, 10.1002/fld.3741); bound citytwin's own"
_MACDONALD = (
    "MacDonald's channel, SWASHES 1.05 (10.1002/fld.3741); bound of another model's acceptance"
)
_THACKER = "Thacker 1981, 10.1017/S0022112081001882; bound citytwin's own"
_EA3 = "UK Environment Agency SC120002, test 3; settled depths of LISFLOOD-FP 8.1 FV1 and SFINCS"
_EA4 = (
    "UK Environment Agency SC120002, test 4; LISFLOOD-FP 8.0 DG2 on 5 m; bound the worst that others "
    "have published against it"
)
_RADIAL = (
    "UK Environment Agency SC120002, test 4; a fine axisymmetric solution of the full equations; the "
    "missing advection alone lifts the point nearest to the breach by u²/2g, 5 mm; bound citytwin's own"
)
_FLUME = (
    "measured: Soares-Frazão & Zech 2007, 10.1080/00221686.2007.9521830; SWALS's worst gauge is "
    "off by 20.5 mm; bound citytwin's own: a shock that passes a gauge moves with the cells"
)

Figure = Callable[..., float | Measured]


def _plain(run: Callable[..., Measured], *values: Any, **named: Any) -> Figure:
    """Figure of a case that takes no site."""

    def figure(site: Site | None) -> Measured:
        del site
        return run(*values, **named)

    return figure


def _law_cases() -> Iterator[Verification]:
    for solver in SOLVERS:
        for dtype, bound in ((np.float32, 1e-5), (np.float64, 1e-12)):
            yield Verification(
                f"water balance of a storm on rough, walled ground, {dtype.__name__}, {solver}",
                _plain(laws.storm_balance, solver, dtype, None), bound, "1", _MASS,
            )  # fmt: skip
        yield Verification(
            f"lake at rest over rough ground, {solver}",
            _plain(laws.lake_at_rest, solver, None), 1e-6, "m/s", _REST,
        )  # fmt: skip
        yield Verification(
            f"no depth below zero on steep, rough ground, {solver}",
            _plain(laws.lowest_depth, solver), 0.0, "m", _OURS,
        )  # fmt: skip
        yield Verification(
            f"a flow turned by 60° is the flow on turned ground, {solver}",
            _plain(laws.sixth_turn_difference, solver), 1e-9, "m", "symmetry of the hexagons",
        )  # fmt: skip
        yield Verification(
            f"one thread equals many, to the last bit, {solver}",
            _plain(laws.bands_agree, solver), 0.0, "m", _OURS,
        )  # fmt: skip
        for name, lattice in (("regular", regular_lattice(10.0)), ("Shanghai's", skewed_lattice())):
            yield Verification(
                f"dam break stays round, {name} lattice, {solver}",
                _plain(laws.roundness, solver, lattice), 0.02, "1", _OURS,
            )  # fmt: skip
        yield Verification(
            f"a deep tank elsewhere changes nothing (root mean square), {solver}",
            _plain(laws.tank_far_away, solver), 2e-3, "m", _OURS,
        )  # fmt: skip


def _site_cases() -> Iterator[Verification]:
    yield Verification(
        "water balance of a storm on the city, float32, inertial",
        partial(laws.storm_balance, INERTIAL, np.float32), 1e-5, "1", _MASS, needs_site=True,
    )  # fmt: skip
    for solver in SOLVERS:
        yield Verification(
            f"lake at rest over the city's ground, 10,000 steps, {solver}",
            partial(laws.lake_at_rest, solver, steps=10_000), 1e-6, "m/s", _REST, needs_site=True,
        )  # fmt: skip
    yield Verification(
        "steep streets, 100 mm in an hour: depths of inertial and full apart at its end (mean)",
        partial(storm.storm_difference, INERTIAL, FULL2), 0.05, "m", _OURS, needs_site=True,
    )  # fmt: skip


def _sheet_cases() -> Iterator[Verification]:
    for degrees in (0, 25, 90):
        yield Verification(
            f"steady sheet on a plane, slope at {degrees}° to the lattice, inertial",
            _plain(sheets.manning_depth, INERTIAL, np.radians(degrees)), 0.01, "1", _MANNING,
        )  # fmt: skip
    for degrees in (0, 25):
        yield Verification(
            f"steady sheet on a steep plane, slope 0.2, at {degrees}° to the lattice, inertial",
            _plain(sheets.manning_depth, INERTIAL, np.radians(degrees), slope=0.2, roughness=0.016),
            0.01, "1", _MANNING,
        )  # fmt: skip
    for solver in FULL:
        yield Verification(
            f"steady sheet on a plane at 25° to the lattice, {solver}",
            _plain(sheets.manning_depth, solver, np.radians(25)), 0.01, "1", _MANNING,
        )  # fmt: skip
        yield Verification(
            f"steady sheet on a steep plane, slope 0.2, at 25° to the lattice, {solver}",
            _plain(sheets.manning_depth, solver, np.radians(25), slope=0.2, roughness=0.016),
            0.01, "1", _MANNING,
        )  # fmt: skip
    for spacing, bound in ((50, 0.03), (25, 0.015)):
        yield Verification(
            f"wave over a flat, dry plane, {spacing} m cells, against its own equations, inertial",
            _plain(sheets.wave_error, INERTIAL, spacing, sheets.inertial_front),
            bound, "m", _CLOSED,
        )  # fmt: skip
    for spacing in (50, 25, 10):
        yield Verification(
            f"wave over a flat, dry plane, {spacing} m cells, against the full equations, inertial",
            _plain(sheets.wave_error, INERTIAL, spacing, sheets.full_wave), 0.08, "m", _HUNTER,
        )  # fmt: skip
    for solver, bound in ((FULL1, 0.05), (FULL2, 0.03)):
        yield Verification(
            f"wave over a flat, dry plane, 25 m cells, {solver}",
            _plain(sheets.wave_error, solver, 25, sheets.full_wave), bound, "m", _HUNTER_FULL,
        )  # fmt: skip
    for solver, froude in ((INERTIAL, 0.5), (INERTIAL, 1.2), (FULL1, 1.2), (FULL2, 1.2)):
        yield Verification(
            f"even flow down a plane at a Froude number of {froude}: growth of a swing, {solver}",
            _plain(rolls.roll_growth, solver, froude), 1.0, "1", _VEDERNIKOV,
        )  # fmt: skip
    for solver, angle, bound in (
        (INERTIAL, 0, 0.3), (INERTIAL, 30, 1.0), (FULL2, 0, 0.4), (FULL2, 30, 0.6),
    ):  # fmt: skip
        yield Verification(
            f"stream in a V-shaped valley at {angle}° to the lattice: wet section off, {solver}",
            _plain(sheets.valley_excess, solver, np.radians(angle), 10.0, 2.0),
            bound, "1", f"{_MANNING}; known: narrow streams feel the lattice",
        )  # fmt: skip


def _channel_cases() -> Iterator[Verification]:
    for solver, bounds in ((FULL1, (0.02, 0.015)), (FULL2, (0.01, 0.008))):
        for (name, choice), bound in zip((("Stoker", 1), ("Ritter", 2)), bounds, strict=True):
            for angle in (0, 15):
                yield Verification(
                    f"dam break of {name}, lattice at {angle}° to the channel: mean error of depth "
                    f"over depth behind the dam, {solver}",
                    partial(channels.dam_break_error, solver, np.radians(angle)),
                    bound, "1", _SWASHES, needs=(f"swashes 1 3 1 {choice} 400",),
                )  # fmt: skip
    for solver in (INERTIAL, FULL2):
        for rainy, bound in ((False, 0.03), (True, 0.035)):
            words = "with rain" if rainy else "without rain"
            tables = (
                ("the published file", 0, f"macdonald/mcdo_{'rain' if rainy else 'norain'}.csv"),
                ("SWASHES's table", 15, f"swashes 1 2 {4 if rainy else 1} 2 200"),
            )
            for table, angle, name in tables:
                yield Verification(
                    f"MacDonald's channel {words}, {table}, lattice at {angle}°: mean error of "
                    f"level, {solver}",
                    partial(channels.macdonald_error, solver, rainy, np.radians(angle), 5.0),
                    bound, "m", _MACDONALD, needs=(name,),
                )  # fmt: skip


def _bowl_cases() -> Iterator[Verification]:
    for solver, planar, curved in ((FULL1, 0.25, 0.12), (FULL2, 0.02, 0.02)):
        yield Verification(
            f"Thacker's planar surface after 2 periods, resolution 12, {solver}",
            _plain(order.bowl_error, bowls.planar_bowl, solver, 12, 2.0),
            planar, "1", _THACKER,
        )  # fmt: skip
        yield Verification(
            f"Thacker's curved surface after 2 periods, resolution 12, {solver}",
            _plain(order.bowl_error, bowls.curved_bowl, solver, 12, 2.0),
            curved, "1", _THACKER,
        )  # fmt: skip
    for solver, expected, bound in ((FULL1, 1.0, 0.4), (FULL2, 2.0, 0.3)):
        yield Verification(
            f"order of convergence on a smooth vortex, resolutions 12 to 13: short of "
            f"{expected:g}, {solver}",
            _plain(order.vortex_order_missing, solver, expected, (12, 13)),
            bound, "1", "closed form, see vortex; bound citytwin's own",
        )  # fmt: skip
    yield Verification(
        "order of convergence on a moving shore, resolutions 11 to 12: short of 1, "
        f"{FULL2}",
        _plain(order.bowl_order_missing, FULL2, 1.0, (11, 12)),
        0.2, "1", _THACKER,
    )  # fmt: skip
    yield Verification(
        "order of convergence in a channel of its own equations, 20 to 10 m: short of 1, inertial",
        _plain(order.channel_order_missing, INERTIAL, 1.0, (20.0, 10.0)),
        0.3, "1", "closed form, see macdonald_ground; bound citytwin's own",
    )  # fmt: skip


def _published_cases() -> Iterator[Verification]:
    for solver in FULL:
        yield Verification(
            f"EA test 3, momentum over a bump, 5 m: settled depths off two programs', {solver}",
            _plain(ea.bump_difference, solver, 5.0), 0.01, "m", _EA3,
        )  # fmt: skip
    yield Verification(
        "EA test 3, momentum over a bump, 5 m: water that was made or lost, inertial",
        _plain(ea.bump_balance, INERTIAL, 5.0), 1e-5, "1", _MASS,
    )  # fmt: skip
    yield Verification(
        f"EA test 4, front over a plain, hexagons of 25 m²: worst point, {FULL2}",
        partial(ea.plain_rmse, FULL2, 25.0), 0.003, "m", _EA4, needs=ea.FILES_4,
    )  # fmt: skip
    yield Verification(
        "EA test 4, front over a plain, hexagons of 25 m²: worst point after two hours, inertial",
        partial(ea.plain_radial, INERTIAL, 25.0), 0.006, "m", _RADIAL, needs=ea.FILES_4,
    )  # fmt: skip
    yield Verification(
        f"isolated building, cells of 0.105 m: worst gauge, {FULL2}",
        partial(building.building_error, FULL2, 11), building.BOUND, "m", _FLUME, needs=building.FILES,
    )  # fmt: skip


CASES = (
    *_law_cases(),
    *subgrid.cases(),
    *_site_cases(),
    *_sheet_cases(),
    *_channel_cases(),
    *_bowl_cases(),
    *_published_cases(),
)
