"""Verification of what Hazus says: its tables as published, and lognormals computed another way."""

import csv
import math

import numpy as np

from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.impact.hazus.capacity import capacity_of, displacements
from citytwin.impact.hazus.casualties import casualties, collapse_probabilities
from citytwin.impact.hazus.fragility import damage_by_drift, damage_by_pga
from citytwin.impact.hazus.ignitions import expected_ignitions
from citytwin.impact.hazus.tables import LEVELS, STATES, fragility, types

_STATES = STATES[1:]


def _reached(demand: float, median: float, beta: float) -> float:
    """Probability that a lognormal variable is at most the demand, by the error function."""
    return 0.5 * math.erfc(-math.log(demand / median) / (beta * math.sqrt(2.0)))


def off_drift(_: Site | None, text: str) -> Measured:
    """Largest difference of probabilities from the lognormal of the published table (Hazus 6.1)."""
    rows = [
        row
        for row in csv.DictReader(text.splitlines())
        if row["component"] == "structural" and row["status"] == "available"
    ]
    off, total = 0.0, 0.0
    drifts = np.geomspace(1e-4, 0.5, 25)
    for row in rows:
        place = types()[row["structural_type"]], LEVELS.index(row["design_level"])
        chosen = [np.full(drifts.size, value) for value in place]
        found = damage_by_drift(drifts, *chosen)
        total = max(total, float(np.abs(found.sum(axis=1) - 1.0).max()))
        medians = [float(row[f"median_{state}"]) for state in _STATES]
        betas = [float(row[f"beta_{state}"]) for state in _STATES]
        for k, drift in enumerate(drifts):
            reached = [_reached(drift, m, b) for m, b in zip(medians, betas, strict=True)]
            reached = list(np.minimum.accumulate(reached))
            known = np.diff([0.0, *reached[::-1], 1.0])[::-1]
            off = max(off, float(np.abs(found[k] - known).max()))
    short = Law("rows short of 176", float(max(176 - len(rows), 0)), 0.0)
    return Measured(off, (Law("sum of the states off 1", total, 1e-12), short))


def off_pga(_: Site | None) -> Measured:
    """Largest difference of probabilities by PGA from the lognormal of the table."""
    medians, betas = fragility("pga")
    pga = np.geomspace(0.01, 3.0, 30)
    off, total, order = 0.0, 0.0, 0.0
    for structure in range(len(types())):
        for level in range(4):
            chosen = [np.full(pga.size, value) for value in (structure, level)]
            found = damage_by_pga(pga * GRAVITY, *chosen)
            total = max(total, float(np.abs(found.sum(axis=1) - 1.0).max()))
            at_least = found[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
            order = max(order, float(np.diff(medians[structure, level]).min() <= 0.0))
            for s in range(4):
                m, b = medians[structure, level, s], betas[structure, level, s]
                known = np.array([_reached(value, m, b) for value in pga])
                off = max(off, float(np.abs(at_least[:, s] - known).max()))
    laws = (
        Law("sum of the states off 1", total, 1e-12),
        Law("medians that do not rise with the state", order, 0.0),
    )
    return Measured(off, laws)


def equivalent_medians() -> tuple[np.ndarray, np.ndarray]:
    """PGA [g] at which half the buildings reach a state: by the capacity-spectrum method, and FEMA's.

    (c, 4, 4) by type, level and state, under the reference spectrum of the equivalent-PGA curves: the
    acceleration at 0.3 s is 2.5 times and that at 1 s 1.5 times the peak one; magnitude 7.
    """
    known = fragility("pga")[0][:, :4]
    medians = fragility("drift")[0][:, :4]
    pga = np.geomspace(0.02, 8.0, 300)
    found = np.empty_like(known)
    for place in np.ndindex(known.shape[:2]):
        chosen = [np.full(pga.size, value) for value in place]
        capacity = capacity_of(chosen[0], chosen[1], 7.0)
        sway = displacements(2.5 * pga * GRAVITY, 1.5 * pga * GRAVITY, capacity, 7.0)
        drift = np.log(np.maximum.accumulate(sway / capacity.modal_height))
        found[place] = np.exp(np.interp(np.log(medians[place]), drift, np.log(pga)))
    return found, known


def off_equivalent(_: Site | None) -> Measured:
    """Mean distance of the logarithms of both medians: two methods and three tables of one manual."""
    found, known = equivalent_medians()
    off = np.abs(np.log(found / known))
    laws = (
        Law("in nine of ten", float(np.quantile(off, 0.9)), 0.25),
        Law("shift of all together", float(abs(np.median(np.log(found / known)))), 0.1),
    )
    return Measured(float(off.mean()), laws)


def off_casualties(_: Site | None, hurt: str, fallen: str) -> Measured:
    """Largest difference of shares hurt and of collapse from the published tables."""
    off = 0.0
    shares = {
        row["structural_type"]: float(row["probability"])
        for row in csv.DictReader(fallen.splitlines())
    }
    rates = {
        (row["structural_type"], row["damage_state"]): np.array(
            [float(row[f"severity_{k}"]) for k in (1, 2, 3, 4)]
        )
        for row in csv.DictReader(hurt.splitlines())
    }
    largest = 0.0
    for name, place in types().items():
        structure = np.full(5, place)
        found = casualties(np.eye(5), structure, np.full(5, 1000.0))
        share = shares[name]
        collapse = collapse_probabilities(np.eye(5), structure)[4]
        off = max(off, abs(float(collapse) - share))
        known = [
            np.zeros(4),
            *(rates[name, state] for state in ("slight", "moderate", "extensive")),
        ]
        known.append(
            (1.0 - share) * rates[name, "complete_no_collapse"] + share * rates[name, "collapse"]
        )
        off = max(off, float(np.abs(found / 1000.0 - np.stack(known)).max()))
        largest = max(largest, float(found.sum(axis=1).max()) / 1000.0)
    return Measured(off, (Law("people hurt over people there", largest, 1.0),))


def off_ignitions(_: Site | None) -> float:
    """Difference of the ignitions in 10 million square feet at 0.5 g from 1.30753 by hand."""
    area = np.array([1e7 * 0.09290304])
    found = expected_ignitions(np.array([0.5 * GRAVITY]), area)[0]
    return abs(float(found) - 10.0 * (0.581895 * 0.25 - 0.029444 * 0.5))


CASES = (
    Verification(
        "damage by drift, off the lognormal of the published table", off_drift, 1e-12, "1",
        "Hazus 6.1, tables 5-17 and after, as transcribed by hazus-loss 1.0.0",
        needs=("earthquake_fragility/fragilities.csv",),
    ),
    Verification(
        "damage by peak ground acceleration, off the lognormal of the table", off_pga, 1e-12, "1",
        "Hazus 6.1, equivalent-PGA fragility; the error function",
    ),
    Verification(
        "capacity-spectrum method, off FEMA's equivalent-PGA medians (mean logarithm)",
        off_equivalent, 0.15, "1",
        "Hazus 6.1: capacity and drift tables against the equivalent-PGA table",
    ),
    Verification(
        "casualties and collapse, off the published tables", off_casualties, 1e-12, "1",
        "Hazus 6.1, tables 12-3 to 12-8, as transcribed by hazus-loss 1.0.0",
        needs=("earthquake_fragility/casualties.csv", "earthquake_fragility/collapse.csv"),
    ),
    Verification(
        "ignitions in 10 million square feet at 0.5 g", off_ignitions, 1e-9, "1",
        "SPA Risk 2009, updated ignition equation, by hand",
    ),
)  # fmt: skip
