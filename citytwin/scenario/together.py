"""What the steps of a chain do together, so that nothing is counted twice."""

from collections.abc import Mapping, Sequence

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.impact.exposure import Exposure
from citytwin.impact.worth import rebuilding

#: What a building's damage is called among the arrays of a run.
DAMAGE = "damage_eur"


def damage_together(worth: Floats, damages: Sequence[tuple[str, AnyFloats]]) -> Floats:
    """(b,) damage of each building by several hazards together.

    What one hazard has destroyed, another cannot destroy again: the shares that are left are
    multiplied, as if hazards hit a building's parts independently. Of two steps of one hazard, as a
    flood that goes on after the power failed, the worse counts.

    Parameters
    ----------
    worth
        (b,) cost of building each building anew; a damage above it, as with contents, stands for it.
    damages
        Variable of each step's intensity, and (b,) its damage in the unit of ``worth``.
    """
    by_hazard: dict[str, Floats] = {}
    for variable, damage in damages:
        held = np.nan_to_num(np.asarray(damage, np.float64))
        by_hazard[variable] = np.maximum(by_hazard.get(variable, held), held)
    whole = np.maximum.reduce([np.asarray(worth, np.float64), *by_hazard.values()])
    left = np.ones(whole.size)
    for held in by_hazard.values():
        left *= 1.0 - np.divide(held, whole, out=np.zeros(whole.size), where=whole > 0.0)
    return np.asarray(whole * (1.0 - left))


def chain_damage(
    exposure: Exposure, steps: Sequence[tuple[str, Mapping[str, AnyFloats]]]
) -> float | None:
    """Damage to buildings by all steps of a chain; none where no step gives money.

    Parameters
    ----------
    exposure
        What stands in the way.
    steps
        Variable of each step's intensity, and what befell each building.
    """
    given = [(variable, of[DAMAGE]) for variable, of in steps if DAMAGE in of]
    if not given:
        return None
    return float(damage_together(rebuilding(exposure), given).sum())
