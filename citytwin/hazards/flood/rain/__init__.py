"""Rain of every kind: design storms, measured series, fields in space and time."""

from citytwin.hazards.flood.rain.base import Rain, UniformRain
from citytwin.hazards.flood.rain.field import RainField, read_field
from citytwin.hazards.flood.rain.series import read_series
from citytwin.hazards.flood.rain.shapes import Chicago, Steps, Triangle
from citytwin.hazards.flood.rain.storms import design_storm

__all__ = [
    "Chicago",
    "Rain",
    "RainField",
    "Steps",
    "Triangle",
    "UniformRain",
    "design_storm",
    "read_field",
    "read_series",
]
