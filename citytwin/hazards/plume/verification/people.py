"""What people breathe: indoors against the closed form, toxic load and zones by hand, the sun."""

from datetime import UTC, datetime

import numpy as np

from citytwin.hazards.cases import Law, Measured
from citytwin.hazards.plume.dose import zones
from citytwin.hazards.plume.exposure import IN, IN_LOAD, LOAD, Breathing
from citytwin.hazards.plume.stability import radiation_index, turner_class
from citytwin.hazards.plume.substances import levels_of, substance_of
from citytwin.hazards.plume.sun import solar_elevation

#: Moment (UTC), longitude, latitude and height of the sun without refraction [degrees]: the worked
#: example of Reda & Andreas 2004, Solar Energy 76, 577-589 (NREL/TP-560-34302, table A5.1); and the
#: noons of both solstices at Greenwich, with an obliquity of 23.436°.
SUNS = (
    (datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC), -105.1786, 39.742476, 39.872),
    (datetime(2020, 6, 20, 12, 1, 40, tzinfo=UTC), 0.0, 51.4779, 61.958),
    (datetime(2020, 12, 21, 11, 58, 0, tzinfo=UTC), 0.0, 51.4779, 15.086),
)


def sun_error() -> Measured:
    """Largest difference of the sun's height from published ones [degrees]."""
    off = [abs(solar_elevation(when, lon, lat) - height) for when, lon, lat, height in SUNS]
    return Measured(max(off))


def turner_misses() -> Measured:
    """Differences from classes read off Turner's table by hand: knots, index, class."""
    by_hand = (
        (1, 4, "A"), (3, 4, "A"), (4, 2, "C"), (6, 3, "B"), (7, -1, "D"), (7, -2, "E"), (9, 3, "C"),
        (11, 4, "C"), (12, 4, "C"), (20, 1, "D"), (2, -2, "F"), (5, -1, "E"), (5, -2, "F"),
    )  # fmt: skip
    wrong = sum(turner_class(knots * 1852.0 / 3600.0, index) != c for knots, index, c in by_hand)
    indices = ((70.0, 0.0, 4), (50.0, 2.0, 3), (20.0, 6.0, 1), (50.0, 6.0, 2), (50.0, 8.0, 0),
               (-5.0, 3.0, -2), (-5.0, 5.0, -1))  # fmt: skip
    wrong += sum(radiation_index(sun, cloud) != index for sun, cloud, index in indices)
    return Measured(float(wrong))


def indoor_error() -> Measured:
    """An hour of 1 outside and then none, and a rise in a straight line: largest error indoors."""
    rate, worst = 0.7 / 3600.0, 0.0
    for step in (60.0, 600.0):
        people = Breathing(1, 1.0, rate, 0.5, 900.0)
        people.state[0, 0] = 1.0
        for time in np.arange(step, 3600.0 + 1.0, step):
            people.go_on(np.ones(1), float(time))
            worst = max(worst, abs(people.state[IN, 0] - (1.0 - np.exp(-rate * time))))
        top = people.state[IN, 0]
        people.state[0, 0] = 0.0
        for time in np.arange(3600.0 + step, 7201.0, step):
            people.go_on(np.zeros(1), float(time))
            worst = max(worst, abs(people.state[IN, 0] - top * np.exp(-rate * (time - 3600.0))))
        ramp = Breathing(1, 1.0, rate, 0.5, 900.0)
        for time in np.arange(step, 3601.0, step):
            ramp.go_on(np.array([time / 3600.0]), float(time))
        part = (3600.0 - (1.0 - np.exp(-rate * 3600.0)) / rate) / 3600.0
        worst = max(worst, abs(ramp.state[IN, 0] - part))
    return Measured(worst)


def load_error() -> Measured:
    """Toxic load of an even and of a triangular exposure against Cⁿ t and 2 Cⁿ t / (n + 1), relative.

    Indoors: with one air change an hour the load of n = 1 goes to that of outdoors when all is over.
    """
    worst = 0.0
    for n in (1.0, 2.0, 2.75):
        people = Breathing(1, n, 1.0 / 3600.0, 1e-5, 900.0)
        shape = np.concatenate([np.linspace(0.0, 1.0, 201), np.linspace(1.0, 0.0, 201)[1:]]) * 1e-3
        for k, value in enumerate(shape):
            people.go_on(np.array([value]), 5.0 * k)
        expected = 2.0 * 1e-3**n * 1000.0 / (n + 1.0)
        worst = max(worst, abs(people.state[LOAD, 0] / expected - 1.0))
        if n == 1.0:
            for k in range(6000):
                people.go_on(np.zeros(1), 2000.0 + 10.0 * (k + 1))
            indoors = abs(people.state[IN_LOAD, 0] / people.state[LOAD, 0] - 1.0)
    laws = (Law("dose indoors off that outdoors, all over, relative", indoors, 1e-4),)
    return Measured(worst, laws)


def zone_misses() -> Measured:
    """Zones by hand that are missed: chlorine, ppm evenly for minutes, and the level reached."""
    gas = substance_of("chlorine")
    by_hand = (
        (0.4, 60.0, 0), (0.6, 60.0, 1), (1.9, 60.0, 1), (2.1, 60.0, 2), (19.0, 60.0, 2),
        (21.0, 60.0, 3), (29.0, 30.0, 3), (27.0, 30.0, 2), (0.8, 480.0, 2), (1.1, 240.0, 2),
        (0.9, 240.0, 1),
        # Five minutes of 60 ppm are ten of 42: less than 50. Of 75 they are 53.
        (60.0, 5.0, 2), (75.0, 5.0, 3),
    )  # fmt: skip
    wrong = 0
    for ppm, minutes, level in by_hand:
        size = gas.concentration(ppm * 1e-6)
        load = np.array([size**gas.toxic_n * minutes * 60.0])
        found = zones(levels_of("chlorine", "AEGL"), load, np.array([minutes * 60.0]), gas.toxic_n)
        wrong += int(found[0]) != level
    return Measured(float(wrong))
