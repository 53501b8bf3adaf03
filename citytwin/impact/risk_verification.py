"""Cases of ``citytwin verify impact`` on how often events come: averages, bands, losses of a run."""

import numpy as np
from scipy import stats

from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.impact.exposure import Exposure
from citytwin.impact.flood_damage import DAMAGED, depth_damage, greatest_damage
from citytwin.impact.flood_losses import STOREYS, flood_losses
from citytwin.impact.frequencies import DesignEvents, ObservedFrequencies
from citytwin.impact.risk import average_annual_of_return_periods
from citytwin.impact.uses import priced_uses

_OURS = "citytwin's own bound"


def design_sums(site: Site | None) -> Measured:
    """Average of design events off the closed integral of I(T) = a (1 − T^−½), as a share of it."""
    del site
    worst, outside = 0.0, 0
    for count in (20, 100, 1000):
        periods = np.geomspace(1.0, 1e6, count)
        impact = 7.0 * (1.0 - periods**-0.5)
        found = DesignEvents(periods).annual(impact)
        outside += not found.low <= 7.0 / 3.0 <= found.high
        outside += not found.low <= found.value <= found.high
        whole = average_annual_of_return_periods(impact, periods)
        worst = max(worst, abs(found.value / whole - 1.0))
    narrow = (found.high - found.low) / (7.0 / 3.0)
    return Measured(
        abs(found.value / (7.0 / 3.0) - 1.0),
        (
            Law("closed integral outside the sums", float(outside), 0.0),
            Law("weights off the trapezoids, share", worst, 1e-12),
            Law("width of the band of 1000 events, share", narrow, 0.02),
        ),
    )


def gamma_band(site: Site | None) -> Measured:
    """Band of equal impacts off the quantiles of the gamma distribution, as a share of them."""
    del site
    count, years, impact = 40, 25.0, 3.0
    found = ObservedFrequencies(np.full(count, 1.0 / years), years).annual(np.full(count, impact))
    ends = stats.gamma(count, scale=1.0 / years).ppf((0.05, 0.95)) * impact
    return Measured(
        float(np.abs(np.array([found.low, found.high]) / ends - 1.0).max()),
        (Law("average off number over years, share", abs(found.value / (1.6 * 3.0) - 1.0), 1e-12),),
    )


def covered(site: Site | None) -> Measured:
    """How far the 90 % band misses holding the true average in 90 % of made-up records."""
    del site
    rng, years, rate, mean = np.random.default_rng(8), 30.0, 2.0, 5.0
    inside, records = 0, 300
    for number in range(records):
        count = int(rng.poisson(rate * years))
        often = ObservedFrequencies(np.full(count, 1.0 / years), years, seed=number)
        found = often.annual(rng.exponential(mean, count))
        inside += found.low <= rate * mean <= found.high
    return Measured(abs(inside / records - 0.9))


def losses_off(site: Site | None) -> Measured:
    """Damage of buildings in many floods off the functions read one by one, as a share of it."""
    del site
    from citytwin.impact.verification import many_houses  # noqa: PLC0415  (it imports us)

    city = many_houses(400)
    rng = np.random.default_rng(4)
    at_walls = np.maximum(rng.normal(0.4, 1.0, (12, 400)), 0.0)
    weight = rng.uniform(0.0, 0.2, 12)
    plain = _plain(city, at_walls)
    by_flood, by_building = flood_losses(city, at_walls, 0.15, weight)
    one = flood_losses(city, at_walls[:1], 0.15)[1]
    off = [
        float(np.abs(by_flood / plain.sum(axis=1) - 1.0).max()),
        float(np.abs(by_building - weight @ plain).max() / (weight @ plain).max()),
        float(np.abs(one - plain[0]).max() / plain[0].max()),
    ]
    return Measured(max(off))


def _plain(city: Exposure, at_walls: np.ndarray) -> np.ndarray:
    use, found = priced_uses(city), np.zeros(at_walls.shape)
    area = city.buildings.area * np.minimum(city.buildings.levels, STOREYS)
    for name in DAMAGED:
        mine = use == name
        share = depth_damage(city.choices.continent, name).at(at_walls[:, mine])
        price = greatest_damage(city.choices.country, name)
        found[:, mine] = np.where(at_walls[:, mine] >= 0.15, share, 0.0) * area[mine] * price
    return found


CASES = (
    Verification(
        "average of design events, off the closed integral", design_sums, 1e-4, "1",
        "I(T) = a (1 - T^-1/2): a/3",
    ),
    Verification(
        "band of observed events, off the gamma distribution", gamma_band, 0.02, "1",
        "Garwood 1936, 10.1093/biomet/28.3-4.437 (gamma quantiles); 2,000 draws",
    ),
    Verification(
        "90 % band of made-up records, off holding the truth in 90 %", covered, 0.05, "1", _OURS
    ),
    Verification("damage of a run's buildings, off the plain functions", losses_off, 1e-12, "1", _OURS),
)  # fmt: skip
