"""Deaths by toxic load: probits, their units, and what an impact makes of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytwin.hazards.plume.lethality import in_ppm_minutes, lethality, probit_of
from citytwin.hazards.plume.substances import names, substance_of


@pytest.mark.parametrize(
    ("gas", "ppm", "minutes"),
    [
        ("chlorine", 433.0, 10.0), ("chlorine", 250.0, 30.0),
        ("ammonia", 28264.0, 5.0), ("ammonia", 11539.0, 30.0),
    ],
)  # fmt: skip
def test_half_die_at_the_published_concentrations(gas: str, ppm: float, minutes: float) -> None:
    substance = substance_of(gas)
    load = substance.concentration(ppm * 1e-6) ** substance.toxic_n * minutes * 60.0
    share = lethality(substance, np.array([load]))
    assert share is not None
    assert share[0] == pytest.approx(0.5, abs=0.005)


def test_only_loads_of_the_same_exponent_have_a_probit() -> None:
    with_one = {name for name in names() if probit_of(name, substance_of(name).toxic_n)}
    assert with_one == {"ammonia", "chlorine"}
    assert probit_of("chlorine", 2.75) is None
    assert lethality(substance_of("smoke"), np.ones(1)) is None


def test_only_chlorine_was_compared() -> None:
    chlorine, ammonia = (probit_of(name, 2.0) for name in ("chlorine", "ammonia"))
    assert chlorine is not None
    assert chlorine.verified
    assert ammonia is not None
    assert not ammonia.verified


@given(st.lists(st.floats(0.0, 1e3), min_size=2, max_size=9))
def test_shares_are_shares_and_rise_with_the_load(loads: list[float]) -> None:
    share = lethality(substance_of("chlorine"), np.sort(np.array(loads)))
    assert share is not None
    assert (share >= 0.0).all()
    assert (share <= 1.0).all()
    assert (np.diff(share) >= 0.0).all()
    assert lethality(substance_of("chlorine"), np.zeros(1)) == 0.0


def test_a_load_in_ppm_is_that_in_si() -> None:
    gas = substance_of("chlorine")
    # 100 ppm by volume of chlorine at 25 °C is 290 mg/m³; for a minute.
    found = in_ppm_minutes(gas, np.array([(2.898e-4) ** 2 * 60.0]))
    assert found[0] == pytest.approx(1e4, rel=1e-3)
