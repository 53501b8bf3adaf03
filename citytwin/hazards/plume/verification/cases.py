"""The cases of ``citytwin verify plume``: what is computed, its bound, and who says so."""

from collections.abc import Callable
from typing import Any

from citytwin.hazards.cases import Measured, Site, Verification
from citytwin.hazards.plume.verification import closed, heavy, mass, people, prairie, turning
from citytwin.hazards.plume.verification.scene import NO_LID

_GAUSS = "closed form of the Gaussian plume with Briggs's widths (doi:10.2172/5118833)"
_SUM = "6,000 round puffs, carried and added up one by one in numpy; bound citytwin's own"
_MASS = "conservation of mass"
_HAND = "by hand"
_DENSE = "Britter & McQuaid 1988, HSE CRR 17, data/tables/britter_mcquaid.csv"

Figure = Callable[..., float | Measured]


def _plain(run: Callable[..., Measured], *values: Any) -> Figure:
    """Figure of a case that takes no site."""

    def figure(site: Site | None) -> Measured:
        del site
        return run(*values)

    return figure


CASES = (
    Verification(
        "steady wind, open country: off the Gaussian plume, 40 m to 10 km, all classes",
        _plain(closed.plume_error, "open", NO_LID), 0.01, "1", _GAUSS,
    ),
    Verification(
        "steady wind, city: off the Gaussian plume, 40 m to 10 km, all classes",
        _plain(closed.plume_error, "urban", NO_LID), 0.01, "1", _GAUSS,
    ),
    Verification(
        "steady wind under a lid of 250 m, open country: off the series of cosines, all classes",
        _plain(closed.plume_error, "open", 250.0), 0.01, "1", _GAUSS,
    ),
    Verification(
        "far away under a lid: off the well-mixed plume",
        _plain(closed.mixed_error), 0.01, "1", "closed form, q / (√(2π) σ_y u L)",
    ),
    Verification(
        "instantaneous release: off the Gaussian puff, all classes",
        _plain(closed.puff_error), 0.01, "1", "closed form of the Gaussian puff",
    ),
    Verification(
        "toxic load of a puff that passes, in the steps of a run: off a fine integral",
        _plain(closed.passing_error), 0.005, "1", "integral of the closed form",
    ),
    Verification(
        "front of a release that has begun: off the error function",
        _plain(closed.front_error), 0.005, "1", "closed form for a width that hardly changes",
    ),
    Verification(
        "wind that turns by 80° in an hour, class D: off round puffs, relative to each arc's greatest",
        _plain(turning.turning_error, "D"), 0.05, "1", _SUM,
    ),
    Verification(
        "wind that turns back after half an hour, class A: off round puffs, of each arc's greatest",
        _plain(turning.reversing_error, "A"), 0.08, "1", _SUM,
    ),
    Verification(
        "wind that turns back after half an hour, class F: off round puffs, of each arc's greatest",
        _plain(turning.reversing_error, "F"), 0.05, "1", _SUM,
    ),
    Verification(
        "wind that turns by 80° in an hour, class F: off round puffs, relative to each arc's greatest",
        _plain(turning.turning_error, "F"), 0.05, "1", _SUM,
    ),
    Verification(
        "wind that turns evenly: a puff goes on a circle",
        _plain(turning.circle_error), 0.01, "1", "closed form",
    ),
    Verification(
        "wind from another direction: the same plume, turned",
        _plain(turning.turned_by_a_sixth), 1e-6, "1", "symmetry",
    ),
    Verification(
        "widths when the class of stability changes: jump",
        _plain(turning.no_jump), 1e-4, "1", "continuity; virtual distance",
    ),
    Verification(
        "mass over a lattice, cells of 12 to 150 m, plume and puffs from 0.4 m wide: off what there is",
        _plain(mass.lattice_mass_error), 0.003, "1", _MASS,
    ),
    Verification(
        "concentration at 1.5 m summed over a lattice: off the integral along the plume",
        _plain(mass.near_ground_error), 0.005, "1", _MASS,
    ),
    Verification(
        "mean of a cell wider than the plume: off the mean of many points, relative to the greatest",
        _plain(mass.cell_mean_error), 0.04, "1", "sum over a lattice 40 times as fine",
    ),
    Verification(
        "what settled on the cells: off what the air lost",
        _plain(mass.settled_error), 0.02, "1", _MASS,
    ),
    Verification(
        "pool that evaporates: mass left",
        _plain(mass.pool_error), 1e-3, "1", "closed form, m₀ (1 − t/τ)²",
    ),
    Verification(
        "balance of a release, a puff and a pool on a city",
        mass.city_balance, 1e-6, "1", _MASS, needs_site=True,
    ),
    Verification(
        "Prairie Grass, five runs: share of the arcs not within a factor of two",
        prairie.prairie_misses, 0.4, "1",
        "measured: Barad 1958, Project Prairie Grass; acceptance after Chang & Hanna 2004, "
        "doi:10.1007/s00703-003-0070-7",
        needs=(prairie.FILE,),
    ),
    Verification(
        "concentration indoors, steps of 1 and 10 min",
        _plain(people.indoor_error), 1e-12, "1", "closed form, first-order exchange",
    ),
    Verification(
        "toxic load of an even and a triangular exposure",
        _plain(people.load_error), 1e-3, "1", "closed form",
    ),
    Verification(
        "zones of chlorine by AEGL, 13 exposures: missed", _plain(people.zone_misses), 0.0, "1", _HAND
    ),
    Verification(
        "height of the sun", _plain(people.sun_error), 0.03, "°",
        "Reda & Andreas 2004, NREL/TP-560-34302, table A5.1; solstices at Greenwich",
    ),
    Verification(
        "Turner's classes and indices, 20 read by hand: missed",
        _plain(people.turner_misses), 0.0, "1",
        "Turner 1964, doi:10.1175/1520-0450(1964)003<0083:ADMFAU>2.0.CO;2, as reprinted",
    ),
    Verification(
        "heavy gas, plume and cloud in three winds: greatest concentration off the correlations",
        _plain(heavy.follows_the_curves), 0.03, "1", _DENSE,
    ),
    Verification(
        "heavy gas, liquid natural gas: distance to 5 %, off the published 367 m",
        _plain(heavy.burro_off), 0.02, "1", "CCPS 1999, Guidelines for consequence analysis, p. 122",
    ),
    Verification(
        "heavy gas that becomes passive: jump of its widths",
        _plain(heavy.no_jump_to_passive), 1e-4, "1", "continuity",
    ),
    Verification(
        "heavy gas: correlations that rise with the distance or jump, of 122",
        _plain(heavy.curves_fall), 0.0, "1", _DENSE,
    ),
)  # fmt: skip
