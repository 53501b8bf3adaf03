"""What the drains did, in numbers and in a sentence."""

from citytwin.hazards.flood.sewers.forcing import SewerForcing


def report_of(sewers: SewerForcing) -> dict[str, float]:
    """Numbers of the drains.

    ``sewers_continuity_error`` is SWMM's own: what it lost (positive) or invented, as a share of
    what came into the network. ``sewers_unaccounted`` is what the coupling lost, as a share of what
    the nodes took and gave back; SWMM's account is set against the street's.
    """
    totals = sewers.swmm.totals()
    others = totals.came - totals.went - sewers.given + sewers.drained
    moved = sewers.taken + sewers.returned
    off = sewers.taken - sewers.returned - sewers.given - sewers.held
    return {
        "sewers_taken_m3": sewers.taken,
        "sewers_surcharged_m3": sewers.returned + sewers.spills.poured,
        "sewers_outfall_m3": sewers.drained,
        "sewers_other_inflow_m3": others,
        "sewers_stored_m3": totals.stored - totals.before,
        "sewers_lost_outside_m3": sewers.spills.lost,
        "sewers_on_the_way_m3": sewers.held + sewers.spills.waiting,
        "sewers_continuity_error": totals.error,
        "sewers_unaccounted": off / moved if moved > 0.0 else 0.0,
        "sewers_steps": float(sewers.swmm.steps),
        "sewers_step_s": sewers.step,
    }


def sewers_sentence(sewers: SewerForcing) -> str:
    """What the drains did, in words."""
    found = report_of(sewers)
    taken, back = found["sewers_taken_m3"], found["sewers_surcharged_m3"]
    if taken <= 0.0 and back <= 0.0:
        return "The drains took no water."
    out = found["sewers_outfall_m3"]
    way = "left by the outfalls" if out >= 0.0 else "came in by the outfalls"
    return (
        f"The drains took {taken:,.0f} m³ from the street and gave {back:,.0f} m³ back to it; "
        f"{abs(out):,.0f} m³ {way}, and SWMM's own account is off by "
        f"{abs(found['sewers_continuity_error']):.1%}."
    )
