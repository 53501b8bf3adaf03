"""Embers against the laws by which they fly and light."""

import numpy as np

from citytwin.hazards.cases import Law, Measured
from citytwin.hazards.fire.houses import embers as ember
from citytwin.hazards.fire.houses.chance import exponential
from citytwin.hazards.fire.houses.radiation import direction


def turning_wind() -> Measured:
    """Angle between where embers fall and where the wind goes, after it turned [degrees]."""
    worst, lost = 0.0, 0.0
    square = np.array([-800.0, 800.0])
    for east, north in ((8.0, 0.0), (0.0, 12.0), (-5.0, 7.0)):
        bins, air = ember.Embers(square, square), direction(east, north)
        heat = np.array([[1e11, 2e8]])
        thrown = ember.from_buildings(np.zeros(1), np.zeros(1), np.array([400.0]), heat, air[0])
        bins.fall(thrown, air)
        row, col = np.indices(bins.fallen.shape)
        x = (bins.fallen * (col + 0.5)).sum() / bins.fallen.sum() * ember.BIN - 800.0 - ember.BIN
        y = (bins.fallen * (row + 0.5)).sum() / bins.fallen.sum() * ember.BIN - 800.0 - ember.BIN
        off = np.degrees(np.arctan2(y, x) - np.arctan2(north, east))
        worst = max(worst, abs(float((off + 180.0) % 360.0 - 180.0)))
        lost = max(lost, abs(float(bins.mass / thrown[0, 2]) - 1.0))
    return Measured(worst, (Law("share of the embers lost", lost, 1e-12),))


def flight_error() -> float:
    """Mean flight of embers of a house against the mean of its lognormal law, cut as ours."""
    square = np.array([-600.0, 600.0])
    bins, air = ember.Embers(square, square), direction(15.0, 0.0)
    thrown = ember.from_buildings(
        np.zeros(1), np.zeros(1), np.array([400.0]), np.array([[1e11, 2e8]]), 15.0
    )
    bins.fall(thrown, air)
    col = np.arange(bins.fallen.shape[1])
    along = (col + 0.5) * ember.BIN - 600.0 - ember.BIN - thrown[0, 6]
    mean = float((bins.fallen.sum(axis=0) * along).sum() / bins.fallen.sum())
    sample = np.exp(thrown[0, 3] + thrown[0, 4] * np.linspace(-8.0, 2.33, 20_001))
    weight = np.exp(-0.5 * np.linspace(-8.0, 2.33, 20_001) ** 2)
    return abs(mean / float((sample * weight).sum() / weight.sum()) - 1.0)


def chance_error() -> Measured:
    """Share of roofs that a deposit lights against 1 − exp(−deposit), in standard deviations."""
    count, worst = 20_000, 0.0
    number = np.arange(count)
    for deposit in (0.1, 0.7, 2.0):
        share = float((exponential(5, 21, number) <= deposit).mean())
        exact = 1.0 - np.exp(-deposit)
        worst = max(worst, abs(share - exact) / np.sqrt(exact * (1.0 - exact) / count))
    mixed = number[::-1]
    order = float((exponential(5, 21, mixed)[::-1] != exponential(5, 21, number)).sum())
    return Measured(worst, (Law("numbers that depend on the order", order, 0.0),))
