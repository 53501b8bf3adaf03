"""How likely each damage state of a building is: lognormal in the demand (Hazus 6.1, chapter 5)."""

import numpy as np
from scipy.special import ndtr

from citytwin.arrays import Floats, Ints
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.impact.hazus.tables import fragility

#: Standard deviation that is left of the equivalent-PGA curves where the shaking itself is known or
#: drawn: their 0.64 without 0.5 for the shaking's own spread, sqrt(0.64² − 0.5²).
KNOWN_SHAKING = 0.4


def damage_probabilities(demand: Floats, medians: Floats, betas: Floats) -> Floats:
    """(b, 5) probability of no, slight, moderate, extensive and complete damage; rows sum to 1.

    Parameters
    ----------
    demand
        (b,) what the building undergoes, in the unit of the medians.
    medians, betas
        (b, 4) demand at which half the buildings reach each state, and the standard deviation of its
        natural logarithm.
    """
    given = np.log(np.maximum(demand, 1e-300))[:, None]
    reached = ndtr((given - np.log(medians)) / betas)
    # Curves with unequal spreads may cross; a worse state is never likelier than a milder one.
    reached = np.minimum.accumulate(reached, axis=1)
    whole = np.hstack([np.ones((demand.size, 1)), reached, np.zeros((demand.size, 1))])
    return np.asarray(whole[:, :-1] - whole[:, 1:])


def damage_by_pga(
    pga: Floats, structure: Ints, level: Ints, *, beta: float | None = None
) -> Floats:
    """(b, 5) probability of each damage state by the peak ground acceleration.

    Parameters
    ----------
    pga
        (b,) peak ground acceleration [m/s²].
    structure, level
        (b,) structural type and level of design. Levels above high count as high: the curves by
        acceleration end there.
    beta
        Standard deviation in place of the table's; ``KNOWN_SHAKING`` where the shaking is drawn from
        its own distribution or measured, so that its spread does not count twice.
    """
    medians, betas = (values[structure, level] for values in fragility("pga"))
    if beta is not None:
        betas = np.full_like(betas, beta)
    return damage_probabilities(pga / GRAVITY, medians, betas)


def damage_by_drift(drift: Floats, structure: Ints, level: Ints) -> Floats:
    """(b, 5) probability of each damage state by the drift ratio of the roof.

    For drifts that are known, from a model of the structure or from measurements.

    Parameters
    ----------
    drift
        (b,) displacement of the roof over the height at which it is measured [1].
    structure, level
        (b,) structural type and level of design.
    """
    medians, betas = (values[structure, level] for values in fragility("drift"))
    return damage_probabilities(drift, medians, betas)


def drawn_states(probabilities: Floats, seed: int) -> Ints:
    """(b,) damage state of each building, 0 none to 4 complete, at random.

    Parameters
    ----------
    probabilities
        (b, 5) probability of each state.
    seed
        Seed; the same building has the same luck whatever the shaking.
    """
    luck = np.random.default_rng([seed, 2]).uniform(size=len(probabilities))
    # From the worst state down: more shaking with the same luck is never less damage.
    reached = np.cumsum(probabilities[:, ::-1], axis=1)[:, :-1]
    return np.asarray(4 - (luck[:, None] >= reached).sum(axis=1), dtype=np.int64)
