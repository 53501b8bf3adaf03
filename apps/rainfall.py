"""The rain of a run over time, as a small drawing above the slider."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
import store
from texts import translate, unit_words

from citytwin.errors import CityTwinError
from citytwin.scenario import Results

#: Most bars that fit above the slider.
_MOST_BARS = 60
_MM_PER_HOUR = 1000.0 * 3600.0  # from m/s


def strip(key: str, frame: int, language: str) -> str:
    """The drawing as HTML, with the moment shown darker; empty where no rain falls."""
    rates = rain_rates(key)
    top = max(rates, default=0.0)
    if top <= 0.0:
        return ""
    each = -(-len(rates) // _MOST_BARS)
    bars = "".join(
        f'<i class="{"now" if at == frame // each else ""}" style="height:{height:.0f}%"></i>'
        for at, height in enumerate(
            4.0 + 96.0 * max(rates[first : first + each]) / top
            for first in range(0, len(rates), each)
        )
    )
    words = translate("rain", language, rate=f"{top:.0f} {unit_words('mm/h', language)}")
    return f'<div class="ct-rain"><span>{words}</span><div>{bars}</div></div>'


def rain_rates(key: str) -> list[float]:
    """Rain between each moment and the one before it [mm/h], where it varies the mean of the cells.

    Empty if the hazard has no rain, or the file of its rain is no longer there.
    """
    return _rates(store.results(key))


@lru_cache(maxsize=32)
def _rates(results: Results) -> list[float]:
    rain_of = getattr(results.scenario.hazard, "rain", None)
    if not callable(rain_of):
        return []
    try:
        rain = rain_of(store.city().grid)
    except CityTwinError:
        return []
    times = [0.0, *(float(time) for time in results.times)]
    return [
        _MM_PER_HOUR * float(np.mean(rain.between(before, now))) / max(now - before, 1.0)
        for before, now in pairwise(times)
    ]
