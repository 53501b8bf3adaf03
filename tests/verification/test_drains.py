"""Street and drains together: conservation, capacities, levels, surcharge, restart, SWMM by itself."""

from pathlib import Path

import numpy as np
import pytest

from citytwin.errors import AbsentError
from citytwin.hazards.cases import Measured, Verification
from citytwin.hazards.flood.sewers import verification as cases
from citytwin.hazards.flood.sewers.forcing import TERM
from citytwin.hazards.flood.sewers.inp import swmm_of
from citytwin.hazards.flood.sewers.report import report_of
from citytwin.hazards.flood.sewers.swmm import LEAST_FLOW, Swmm, is_installed
from citytwin.scenario.checkpoint import read_state, write_state

needs_swmm = pytest.mark.skipif(not is_installed(), reason="SWMM is not installed")


@needs_swmm
@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_case(case: Verification) -> None:
    found = case.figure(None)
    if isinstance(found, Measured):
        assert all(law.holds for law in found.laws), found.laws
        found = found.figure
    assert found <= case.bound


def test_without_swmm_a_case_says_why_it_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "is_installed", lambda: False)
    with pytest.raises(AbsentError, match=r"install citytwin\[drains\]"):
        cases.CASES[0].figure(None)


@needs_swmm
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_drop_is_on_the_street_in_swmm_or_kept(dtype: type[np.floating]) -> None:
    """The street's ledger is kept in float64 of what its cells really changed, in both precisions.

    What was given to SWMM equals SWMM's totals but for rounding; what SWMM itself loses (0.2 to 4 %
    while dry pipes fill) is SWMM's, and reported.
    """
    water = cases.street(12.0, 10.0, (0.3, 0.0), dtype)
    before = water.balance.before
    with cases.drains(water, wide_ab=0.6, wide_bo=0.1) as sewers:
        water.run(600.0, forcings=(sewers,))
        found, totals = report_of(sewers), sewers.swmm.totals()
        net = -water.balance.terms[TERM]
        assert sewers.returned > 0.5 * sewers.taken
        assert abs(net - (sewers.taken - sewers.returned)) < 1e-12 * sewers.taken
        assert abs(net - sewers.held - sewers.given) < 1e-12 * sewers.taken
        assert abs(totals.came - totals.went - sewers.given + sewers.drained) < 1e-9 * sewers.taken
        assert abs(found["sewers_unaccounted"]) < 1e-12
        # All the water: what is on the street, in the network, gone by the outfall, kept, and SWMM's
        # own loss. The street's own rounding remains: 1e-5 of its water in float32 is allowed.
        lost = totals.error * (totals.before + totals.came)
        after = water.balance.stored + totals.stored - totals.before + sewers.drained
        assert abs(after + sewers.held + lost - before) < 1e-6 * before
        assert abs(totals.error) < 0.01
    assert abs(water.balance.error) < (1e-6 if dtype == np.float32 else 1e-13)


@needs_swmm
def test_a_street_drains_dry_and_all_of_it_leaves_by_the_outfall() -> None:
    water = cases.street(10.0, 10.0, (0.08, 0.08))
    before = water.balance.before
    with cases.drains(water, {"inlet_length_m": 30.0, "sewer_step_s": 2.0}) as sewers:
        water.run(1800.0, forcings=(sewers,))
        found = report_of(sewers)
    assert water.balance.stored < 0.1 * before
    gone = found["sewers_outfall_m3"] + found["sewers_stored_m3"] + found["sewers_on_the_way_m3"]
    # SWMM's pipes end drained as they began, so the error of their filling goes back, too.
    assert gone == pytest.approx(found["sewers_taken_m3"] - found["sewers_surcharged_m3"], rel=0.01)


@needs_swmm
def test_a_shallow_street_flows_off_at_the_weirs_rate() -> None:
    """An inlet far above its sewer's water takes what the free weir takes."""
    water = cases.street(10.0, 10.0, (0.05, 0.0))
    with cases.drains(water, {"series_s": 1.0}, wide_ab=1.0, wide_bo=1.0) as sewers:
        water.run(5.0, forcings=(sewers,))
        first = float(sewers.record.network.flow_in[0, 0])
    assert first == pytest.approx(0.375 * 3.3 * np.sqrt(2 * 9.80665) * 0.05**1.5, rel=1e-6)


@needs_swmm
def test_an_overloaded_pipe_throws_water_up_where_its_manhole_is() -> None:
    water = cases.street(12.0, 10.0, (0.3, 0.0))
    with cases.drains(water, {"series_s": 1.0}, wide_ab=0.6, wide_bo=0.1) as sewers:
        while sewers.returned == 0.0 and water.time < 300.0:
            water.run(water.time + 1.0, forcings=(sewers,))
        right = np.array(water.depth)
        right[:, : cases._MIDDLE] = 0.0
        row, col = np.unravel_index(right.argmax(), right.shape)
        assert (row, col) == (cases._ROWS // 2, cases._MIDDLE + 1 + cases._MIDDLE // 2)
        water.run(300.0, forcings=(sewers,))
        network = sewers.record.network
        head = network.depth[-30:, network.nodes.index("B")].mean() - 2.5
        level = float(water.level[row, col]) - 10.0
        into, up = network.flow_in[-30:].mean(axis=0)
        on = network.flow[-30:, network.pipes.index("BO")].mean()
    # What comes up is what comes down the hill, less what the small pipe takes (0.011 m³/s).
    assert into > 0.2
    assert -up == pytest.approx(into - on, rel=0.05)
    # It comes up through the opening: Q = Co A sqrt(2 g Δh).
    assert -up == pytest.approx(0.67 * 0.3 * np.sqrt(2 * 9.80665 * (head - level)), rel=0.05)


@needs_swmm
def test_the_exchange_does_not_swing() -> None:
    """Surcharged nodes of a steady network: the flow of each second stays near its mean."""
    water = cases.street(10.0, 10.0, (0.4, 0.4))
    with cases.drains(water, {"series_s": 1.0}) as sewers:
        water.run(400.0, forcings=(sewers,))
        into = sewers.record.network.flow_in[-60:]
        head = sewers.record.network.depth[-60:]
    assert np.all(into.mean(axis=0) > 0.05)
    assert np.all(into.std(axis=0) < 0.05 * into.mean(axis=0))
    assert np.all(head.std(axis=0) < 0.01)


@needs_swmm
@pytest.mark.parametrize("step", [0.25, 0.7, 2.0])
def test_the_sewers_step_matters_little(step: float) -> None:
    taken = []
    for longest in (1.0, step):
        water = cases.street(10.0, 10.0, (0.3, 0.1))
        with cases.drains(water, {"sewer_step_s": longest}) as sewers:
            water.run(300.0, forcings=(sewers,))
            taken.append(sewers.taken - sewers.returned)
    # In the first minutes, while the pipes fill; afterwards the flow is the same to 0.1 %.
    assert taken[1] == pytest.approx(taken[0], rel=0.01)


@needs_swmm
def test_a_restart_goes_on_to_the_same_bit(tmp_path: Path) -> None:
    """Also in the middle of a step of the network, and through the disk."""

    def begin() -> tuple[object, object]:
        water = cases.street(12.0, 10.0, (0.3, 0.0), np.float32)
        return water, cases.drains(water, {"series_s": 10.0}, wide_ab=0.6, wide_bo=0.1)

    water, sewers = begin()
    with sewers:
        water.run(200.3, forcings=(sewers,))
        write_state(tmp_path, {"water": water.save(), "sewers": sewers.state()})
        water.run(400.0, forcings=(sewers,))
        network, report = sewers.record.network, report_of(sewers)
    again, later = begin()
    with later:
        kept = read_state(tmp_path)
        assert kept is not None
        again.restore(kept["water"])
        later.restore(kept["sewers"])
        again.run(400.0, forcings=(later,))
        assert np.array_equal(again.depth, water.depth)
        assert again.balance == water.balance
        assert report_of(later) == report
        for mine, theirs in zip(later.record.network, network, strict=True):
            assert np.array_equal(mine, theirs)


@needs_swmm
def test_the_coupled_network_flows_as_swmm_by_itself() -> None:
    """Inflow at A, a dry street: shafts and slot must not change the flow of pipes that are not full.

    The file as it is, junctions and all, is the other program.
    """
    text = cases._NETWORK.format(**cases._USUAL) + '[INFLOWS]\nA FLOW "" FLOW 1.0 1.0 0.15\n'
    water = cases.street(10.0, 10.0, (0.0, 0.0))
    file = swmm_of(Path("alone.inp"), text)
    options = "[OPTIONS]\nROUTING_STEP 1\nVARIABLE_STEP 0\nEND_DATE 01/02/2004\n"
    alone = Swmm(
        file, text.replace("A 8.0 0", "A 8.0 2").replace("B 7.5 0", "B 7.5 2.5") + options, 1.0
    )
    flows = []
    for _ in range(900):
        alone.step()
        flows.append(alone.pipe_flow())
    depth = alone.depths(range(3))
    alone.close()
    from citytwin.hazards.flood.sewers.event import Sewers
    from citytwin.hazards.flood.sewers.forcing import SewerForcing
    from citytwin.hazards.flood.sewers.placing import Spots

    spots = Spots(("A", "B"), np.array([4, 4]), np.array([4, 12]))
    with SewerForcing(Sewers(swmm_file="alone.inp", series_s=1.0), file, spots, water) as sewers:
        water.run(900.0, forcings=(sewers,))
        network = sewers.record.network
        for name in ("A", "B"):
            ours = network.depth[-1, network.nodes.index(name)]
            assert ours == pytest.approx(depth[alone.place[name]], abs=2e-3)
    assert sewers.taken == sewers.returned == 0.0
    assert network.flow[-1] == pytest.approx(np.array(flows)[-1], rel=2e-3)
    assert network.flow == pytest.approx(np.array(flows), abs=0.01)


@needs_swmm
def test_flows_too_small_for_swmm_wait() -> None:
    """SWMM takes less than 2.8e-7 m³/s for nothing: such water is kept until it is enough."""
    water = cases.street(10.0, 10.0, (2e-6, 0.0))
    with cases.drains(water) as sewers:
        water.run(300.0, forcings=(sewers,))
        totals = sewers.swmm.totals()
        assert 0.0 < sewers.taken < 300.0 * LEAST_FLOW * 50.0
        assert totals.came == pytest.approx(sewers.taken - sewers.held, rel=1e-9)
