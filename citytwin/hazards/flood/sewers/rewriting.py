"""The text that SWMM is given: without rain, with open shafts for manholes and an even time step."""

import re
from pathlib import Path
from typing import NamedTuple

from citytwin.hazards.flood.sewers.inp import Node, SwmmFile

#: Sections that make water of rain, or of what rain does, or that would stop the routing.
RAIN_SECTIONS = (
    "RAINGAGE", "SUBCATCHMENT", "SUBAREA", "INFIL", "LID_CONTROL", "LID_USAGE", "AQUIFER",
    "GROUNDWATER", "GWF", "SNOWPACK", "COVERAGE", "LOADING", "HYDROGRAPH", "RDII", "EVENT",
)  # fmt: skip
#: Height of the shafts above the street, in which the water may stand [m].
CHIMNEY = 50.0
#: Options that we set ourselves.
_OURS = (
    "ALLOW_PONDING", "END_DATE", "END_TIME", "REPORT_START_DATE", "REPORT_START_TIME",
    "REPORT_STEP", "ROUTING_STEP", "VARIABLE_STEP", "MINIMUM_STEP", "RULE_STEP",
    "SKIP_STEADY_STATE", "SURCHARGE_METHOD", "IGNORE_QUALITY", "IGNORE_RAINFALL", "THREADS",
)  # fmt: skip
_FILE_NAME = re.compile(r'(\bFILE\s+|\bUSE\s+INFLOWS\s+)(?:"([^"]*)"|(\S+))', re.IGNORECASE)
#: Share of the time in which a wave passes a pipe that a step may take, and the least step [s].
_COURANT, _LEAST = 1.0, 0.1


class Shaft(NamedTuple):
    """A manhole that is open to the street: its node, and the depth of its opening [m]."""

    node: Node
    depth: float


def routing_step(file: SwmmFile, longest: float) -> float:
    """Time step of the network [s]: a wave must not outrun the shortest pipe.

    Parameters
    ----------
    file
        The network.
    longest
        Longest step that is wanted [s].
    """
    times = (pipe.length / (9.80665 * max(pipe.height, 1e-3)) ** 0.5 for pipe in file.pipes)
    step = min(longest, max(_LEAST, _COURANT * min(times, default=longest)))
    return round(1000.0 * step) / 1000.0


def swmm_text(file: SwmmFile, shafts: tuple[Shaft, ...], area: float, step: float) -> str:
    """The file as SWMM gets it; every line that stays keeps its number.

    Parameters
    ----------
    file
        The network as it was read.
    shafts
        Manholes open to the street. They become storage nodes with the shaft's area, so that their
        water has a level above the street, too, and none is lost.
    area
        Area of the shafts [m²].
    step
        Time step [s].
    """
    lines = list(file.text)
    dropped = [line for name in RAIN_SECTIONS for line in file.sections.get(name, ())]
    dropped += [x for x in file.sections.get("OPTION", ()) if x.words[0].upper() in _OURS]
    dropped += file.sections.get("REPORT", ())
    dropped += [x for x in file.sections.get("FILE", ()) if not _stays(x.words)]
    for number in [line.number for line in dropped] + [shaft.node.line for shaft in shafts]:
        lines[number - 1] = ";"
    for line in file.sections.get("OUTFALL", ()):
        lines[line.number - 1] = _without_target(line.words)
    lines = [_FILE_NAME.sub(lambda found: _absolute(found, file.path), line) for line in lines]
    lines += ["[STORAGE]", *(_storage(shaft, area, file.metre) for shaft in shafts)]
    lines += ["[OPTIONS]", *_options(file, step), ""]
    return "\n".join(lines)


def _stays(words: tuple[str, ...]) -> bool:
    return [word.upper() for word in words[:2]] == ["USE", "INFLOWS"]


def _without_target(words: tuple[str, ...]) -> str:
    """Line of an outfall without the subcatchment onto which it pours."""
    gate = next(
        (k for k, word in enumerate(words) if k > 2 and word.upper() in ("YES", "NO")), None
    )
    return " ".join(words if gate is None else words[: gate + 1])


def _absolute(found: re.Match[str], path: Path) -> str:
    name = found[2] if found[2] is not None else found[3]
    return f'{found[1]}"{path.resolve().parent / name}"'


def _storage(shaft: Shaft, area: float, metre: float) -> str:
    node = shaft.node
    numbers = (
        node.invert / metre, (shaft.depth + CHIMNEY) / metre, node.start / metre, area / metre**2
    )  # fmt: skip
    invert, height, start, wide = (repr(number) for number in numbers)
    return f"{node.name} {invert} {height} {start} FUNCTIONAL 0 0 {wide} 0 0"


def _options(file: SwmmFile, step: float) -> list[str]:
    start = re.search(r"\d{4}$", file.options.get("START_DATE", ""))
    year = int(start[0]) if start else 2004
    return [
        "ALLOW_PONDING NO", "SKIP_STEADY_STATE NO", "IGNORE_QUALITY YES", "IGNORE_RAINFALL YES",
        "VARIABLE_STEP 0", f"ROUTING_STEP {step:.3f}", "RULE_STEP 00:00:00", "THREADS 1",
        # The other method lets full pipes widen shafts and loses water there, as measured.
        "SURCHARGE_METHOD SLOT",
        f"END_DATE 12/31/{year + 1}", "END_TIME 00:00:00", "REPORT_STEP 24:00:00",
    ]  # fmt: skip
