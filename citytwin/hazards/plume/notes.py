"""What a reader must know of a plume: how it was run, what was left out, what was not verified."""

from typing import TYPE_CHECKING

from citytwin.hazards.plume.air import Sky
from citytwin.hazards.plume.britter_mcquaid import DENSEST
from citytwin.hazards.plume.chain import Release
from citytwin.hazards.plume.substances import Substance, levels_of

if TYPE_CHECKING:
    from citytwin.hazards.plume.model import Plume

#: Height up to which a release counts as at the ground [m].
_LOW = 3.0


def notes_of(
    event: "Plume", gas: Substance, heavy: float, made: list[Release], sky: Sky
) -> tuple[str, ...]:
    """Choices, assumptions and limits of a plume, in words."""
    found = _heavy_notes(event, gas, heavy, made)
    if gas.mist and heavy <= 1.0:
        found.append(
            f"{gas.title} that escapes as a liquid under pressure makes a cold mist that is heavier "
            "than its vapour: near the source such a cloud keeps to the ground, which is not modelled."
        )
    found.append(
        "Buildings' wakes, street canyons and slopes are not modelled: in a city read the plume as a "
        "mean over open ground of that roughness, not as what a street meets."
    )
    found.append(
        "A cell has the mean over its hexagon; close to the source the plume is narrower than a cell, "
        "and people in its middle meet more."
    )
    lids = sky.lids.min()
    tops = [release.puff.height + release.puff.top for release in made]
    if max(tops) > lids:
        found.append(
            f"A plume rises to {max(tops):.0f} m, above the mixing height of {lids:g} m: what is above "
            "the lid does not come down."
        )
    if max(tops) > max(release.puff.height for release in made):
        found.append(f"Plume rise {max(release.puff.top for release in made):.0f} m by Briggs.")
    return (*found, *_doubts(gas))


def _heavy_notes(event: "Plume", gas: Substance, heavy: float, made: list[Release]) -> list[str]:
    """What a reader must know of a heavy gas."""
    limit = f"{heavy:.1f} times the limit of Britter and McQuaid (1988)"
    if heavy <= 1.0:
        return []
    if event.treat_as_passive:
        words = (
            f"WARNING: {gas.title.lower()} leaves as a heavy gas here, {limit}. It was run as passive "
            "because the event says so: near the source a heavy cloud is wider, lower, spreads against "
            "the wind and runs down slopes."
        )
        return [words]
    slumps = [release.puff.heavy for release in made if release.puff.heavy is not None]
    reach = max(float(one.way[-1]) for one in slumps)
    against = max(one.against for one in slumps)
    found = [
        (
            f"{gas.title} leaves as a heavy gas here, {limit}: it follows their correlations for "
            f"{reach:.0f} m from the source, and drifts as air does from there. Their coefficients were "
            "not verified."
        ),
        (
            "A heavy cloud runs down slopes and into basements, which is not modelled, and spreads "
            f"against the wind, here by about {against:.0f} m: keep away on all sides."
        ),
    ]
    if max(one.alpha for one in slumps) > DENSEST:
        found.append(
            "WARNING: so much gas in so little wind lies beyond the range of the correlations: their "
            "last value was taken, and the true cloud is wider and lower."
        )
    if event.deposition_mm_s > 0.0:
        found.append(
            "Nothing settles from a heavy gas here, nor from releases beside it: its layers are "
            "too thin to say how much."
        )
    if any(release.emission.at_once and release.puff.heavy for release in made) and (
        "instantaneous" not in {outlet.kind for outlet in event.releases or (event,)}
    ):
        found.append(
            "The release is so short for the wind that it counts as all at once (Britter and McQuaid)."
        )
    if max(outlet.height_m for outlet in event.releases or (event,)) > _LOW:
        found.append("A heavy release counts as one at the ground, whatever its height.")
    return found


def _doubts(gas: Substance) -> list[str]:
    """What was not verified of a substance."""
    found = [] if gas.verified else [f"properties of {gas.title.lower()}"]
    for scheme in ("AEGL", "ERPG", "smoke guide"):
        levels = levels_of(gas.name, scheme)
        if levels is not None and not levels.verified:
            found.append(f"levels by {scheme}")
    text = [f"Coefficients in use that were not verified: {', '.join(found)}."] if found else []
    if levels_of(gas.name, "AEGL") is None:
        other = levels_of(gas.name, "smoke guide") is not None
        text.append(
            "Zones of harm are by the wildfire smoke guide's levels of particles: smoke has no AEGL."
            if other
            else f"{gas.title} has no AEGL: only where it can burn is told."
        )
    return text
