"""A chain as a member: damage of its steps together, on the cells as in the city."""

import pytest

from citytwin.city import City
from citytwin.ensemble.member import run_member
from citytwin.scenario.chain import Chain

STORM = {
    "model": "flood", "rain_mm": 80.0, "rain_h": 0.05, "simulated_h": 0.05, "output_min": 3.0,
    "solver": "inertial",
}  # fmt: skip


def test_damage_of_two_floods_is_that_of_the_worse_building_by_building(city: City) -> None:
    steps = [
        {"name": "first", "hazard": STORM},
        {"name": "second", "hazard": {**STORM, "rain_mm": 120.0}},
    ]
    chain = Chain.from_table({"steps": steps})
    found = run_member(0, chain.table(), str(city.path), city.fingerprint, "depth_max", True)  # noqa: FBT003
    one, two, both = (found.figures[name] for name in ("first.damage", "second.damage", "damage"))
    assert max(one, two) <= both < one + two
    assert found.units["damage"] == "EUR 2010"
    for name in ("damage", "first.damage", "second.damage", "second.people.0.15"):
        assert found.maps[name].sum() == pytest.approx(found.figures[name], rel=1e-5)
    assert found.cells.size == len(city.grid)
    assert found.titles["second.people.0.15"] == (
        "Flood 2: people, ≥ 0.15 m",
        "洪涝 2：人数，≥ 0.15 米",
    )
    assert found.titles["damage"][0] == "All steps: damage"
    named = {name for name in found.figures if ".balance." not in name}
    assert set(found.titles) == named
