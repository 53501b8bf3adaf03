"""Which parameter the uncertainty comes from: shares of the variance by Sobol's indices, with SALib.

Saltelli et al. 2010, 10.1016/j.cpc.2009.09.018; Herman & Usher 2017, 10.21105/joss.00097.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import InputError

_MISSING = "sensitivity needs SALib: install citytwin[ensemble]"


def _problem(count: int) -> dict[str, Any]:
    return {
        "num_vars": count,
        "names": [f"x{at}" for at in range(count)],
        "bounds": [[0.0, 1.0]] * count,
    }


def saltelli(count: int, base: int, seed: int) -> Floats:
    """(base × (count + 2), count) sample of the unit cube from which the indices follow.

    Raises
    ------
    InputError
        If SALib is not installed.
    """
    try:
        from SALib.sample import sobol  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise InputError(_MISSING) from error
    drawn = sobol.sample(_problem(count), base, calc_second_order=False, seed=seed)
    # Distributions without bounds have no value at 0 and 1.
    return np.clip(np.asarray(drawn, np.float64), 1e-9, 1.0 - 1e-9)


def sobol_indices(
    names: Sequence[str], figures: dict[str, Floats], seed: int
) -> list[dict[str, Any]]:
    """First-order and total indices of each number for each parameter, with their 95 % bands.

    Parameters
    ----------
    names
        Parameters.
    figures
        Numbers of the members by name, in the order of ``saltelli``; those that do not vary are
        left out.
    seed
        Of the resampling that gives the bands.
    """
    try:
        from SALib.analyze import sobol  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise InputError(_MISSING) from error
    rows = []
    for figure, values in figures.items():
        if float(np.ptp(values)) <= 0.0:
            continue
        found = sobol.analyze(
            _problem(len(names)), values, calc_second_order=False, seed=seed, print_to_console=False
        )
        rows += [
            {
                "figure": figure,
                "parameter": name,
                "first_order": float(found["S1"][at]),
                "first_order_band": float(found["S1_conf"][at]),
                "total": float(found["ST"][at]),
                "total_band": float(found["ST_conf"][at]),
            }
            for at, name in enumerate(names)
        ]
    return rows
