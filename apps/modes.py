"""What the map can show of a flood: which numbers, in which classes and colours."""

from dataclasses import dataclass

Colour = list[int]

#: Depth from which water is drawn [m].
DRAWN_DEPTH = 0.05

# Blue from pale to deep, in equal steps of lightness: readable without seeing red and green apart.
DEPTH_COLOURS: list[Colour] = [
    [163, 211, 240, 225],
    [94, 170, 226, 235],
    [38, 122, 196, 242],
    [18, 80, 158, 248],
    [9, 38, 102, 252],
]
# Late to early: pale sand to deep violet.
ARRIVAL_COLOURS: list[Colour] = [
    [78, 26, 110, 245],
    [142, 54, 132, 242],
    [201, 92, 120, 238],
    [236, 149, 110, 232],
    [247, 208, 150, 225],
]
# Slow to fast: pale pink to deep magenta, which no ground, park or roof has.
SPEED_COLOURS: list[Colour] = [
    [246, 206, 226, 232],
    [230, 150, 198, 238],
    [206, 84, 160, 242],
    [150, 24, 112, 248],
    [80, 0, 62, 252],
]
# Safe is blue; then from pale yellow to near black, each step much darker than the one before, so
# that the order shows in grey, too.
HAZARD_COLOURS: list[Colour] = [
    [150, 200, 236, 228],
    [250, 226, 120, 240],
    [243, 164, 62, 244],
    [214, 92, 40, 248],
    [146, 26, 52, 250],
    [52, 8, 46, 252],
]


@dataclass(frozen=True)
class Mode:
    """One way to colour the water.

    Attributes
    ----------
    name
        Its word in addresses and texts.
    values
        Quantity that is coloured: of each moment if ``moving``, else of the whole run.
    colours, classes
        A colour for each class, and the least value of each class, in ``unit``.
    unit
        Key of the unit's text; empty where the classes have names of their own.
    scale
        From the unit of the results to ``unit``.
    moving
        Whether it shows a moment.
    things
        Whether buildings and streets in the water are coloured, too.
    """

    name: str
    values: str
    colours: list[Colour]
    classes: tuple[float, ...]
    unit: str = ""
    scale: float = 1.0
    moving: bool = False
    things: bool = False


_DEPTHS = (DRAWN_DEPTH, 0.15, 0.3, 0.5, 1.0)
_SPEEDS = (0.0, 0.25, 0.5, 1.0, 2.0)
_TIMES = (0.0, 10.0, 20.0, 30.0, 60.0)
_DANGERS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
_ALL = (
    Mode("depth", "depth", DEPTH_COLOURS, _DEPTHS, "unit.m", moving=True, things=True),
    Mode("greatest", "depth_max", DEPTH_COLOURS, _DEPTHS, "unit.m", things=True),
    Mode("speed", "speed", SPEED_COLOURS, _SPEEDS, "unit.m/s", moving=True),
    Mode("fastest", "speed_max", SPEED_COLOURS, _SPEEDS, "unit.m/s"),
    Mode("hazard", "hazard_max", HAZARD_COLOURS, _DANGERS),
    Mode("arrival", "arrival", ARRIVAL_COLOURS, _TIMES, "unit.min", scale=1.0 / 60.0),
)
#: All modes by their names, in the order in which people choose them.
MODES = {mode.name: mode for mode in _ALL}
