"""The cases of bench/flood_peers.py: ground, forcing, who runs, and against what each is judged."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import LinearNDInterpolator

from citytwin.city import City
from citytwin.pipeline import build

ROOT = Path(__file__).resolve().parents[2]
#: Published inflow, gauges and reference of the Environment Agency's test 4, where they are.
EA_TEST_4 = ROOT.parent / "shared" / "bench" / "ea_test4"
#: Inflow and gauges like the published ones, for a checkout without them.
HYDROGRAPH = ([0.0, 300.0, 3600.0, 14400.0, 18000.0], [0.0, 0.0, 20.0, 20.0, 0.0])
GAUGES = [[50, 1000], [100, 1000], [200, 1000], [300, 1000], [400, 1000], [300, 1300]]
#: The published run names the depth of the cell that holds a point: of squares of 5 m with a corner
#: there, the middle of the one north-east of it [m].
PUBLISHED_SHIFT = 2.5
#: A stop of its own must lie so far from the published times [s].
APART = 5.0
#: Spacing of the terrain between whose points every program interpolates [m].
TERRAIN_SPACING = 4.0
#: Side of the piece of the city [m], rain [m/s] and its end [s].
PIECE, RAIN, RAIN_END = 1500.0, 0.1 / 3600.0, 1800.0


@dataclass(frozen=True)
class Contestant:
    """One program with its options on cells of some side [m].

    Attributes
    ----------
    label
        What the tables call it.
    program
        Name of its runner: ``run_<program>.py``.
    fine
        Whether it is a finest run: others are judged against it, and its speed counts for nothing.
    judge
        Whether others are judged against it.
    """

    label: str
    program: str
    options: dict[str, Any] = field(default_factory=dict)
    side: float = 5.0
    fine: bool = False
    judge: bool = False


@dataclass(frozen=True)
class Case:
    """A case: what all its runs share, and who runs.

    Attributes
    ----------
    common
        Fields of ``job.Job`` that are the same for all.
    gauges
        Number of gauges; those after them stand where the published run has its depths from.
    published
        (k, 7) time [s] and depth at those [m] of another program; none if left out.
    """

    name: str
    title: str
    common: dict[str, Any]
    contestants: list[Contestant]
    gauges: int = 0
    published: np.ndarray | None = None


OURS = [
    Contestant("citytwin inertial", "citytwin", {"solver": "inertial"}),
    Contestant("citytwin full, order 1", "citytwin", {"solver": "full", "order": 1}),
    Contestant("citytwin full, order 2", "citytwin", {"solver": "full", "order": 2}),
]
FINEST = Contestant(
    "citytwin full, order 2, 2.5 m",
    "citytwin",
    {"solver": "full", "order": 2},
    2.5,
    fine=True,
    judge=True,
)


def plain(until: float) -> Case:
    """Case A: a front over a flat, dry, closed plain, like the Environment Agency's test 4."""
    seconds, discharge = HYDROGRAPH
    gauges, published, stops = np.array(GAUGES, float), None, np.arange(60.0, until, 60.0)
    count = len(gauges)
    if EA_TEST_4.is_dir():
        seconds, discharge = _table("inflow.csv").T.tolist()
        gauges = np.concatenate([gauges, _table("points.csv")[:, 1:] + PUBLISHED_SHIFT])
        published = _table("ref_lisflood_dg2_5m.csv")
        # Later the published run loses water over its free walls, ours are closed.
        published = published[published[:, 0] < min(until - APART, 10_800.0)]
        away = np.abs(stops[:, None] - published[:, 0]).min(axis=1) > APART
        stops = np.sort(np.concatenate([stops[away], published[:, 0]]))
    common = {
        "width": 1000.0, "height": 2000.0, "manning": 0.05, "stops": [*stops.tolist(), until],
        "inflow": {"seconds": seconds, "discharge": discharge, "middle": 1000.0, "width": 20.0},
        "gauges": gauges.tolist(), "mostly_dry": True,
    }  # fmt: skip
    peers = [
        Contestant("landlab", "landlab"),
        Contestant("itzi", "itzi"),
        Contestant("anuga DE0", "anuga"),
        Contestant("anuga DE1", "anuga", {"algorithm": "DE1"}),
    ]
    title = "A front over a flat plain (like EA test 4)"
    return Case("A", title, common, [*OURS, *peers, FINEST], count, published)


def streets(city: Path | None, folder: Path, until: float, *, fine_peers: bool) -> Case:
    """Case B: rain on a steep, real piece of the embedded city, closed all round.

    Parameters
    ----------
    city
        City file of the embedded city; built into the folder if left out.
    folder
        For the terrain, and the city if it has to be built.
    until
        End [s]; while it rains every cell is wet.
    fine_peers
        Whether landlab also runs on finer cells, to be judged against itself.
    """
    file = folder / "terrain.npy"
    np.save(file, _piece(city or _embedded(folder)))
    common = {
        "width": PIECE, "height": PIECE, "manning": 0.03, "steep": True,
        "stops": [*np.arange(60.0, until, 60.0).tolist(), until],
        "terrain": {"file": str(file), "spacing": TERRAIN_SPACING},
        "rain": {"rate": RAIN, "until": RAIN_END},
    }  # fmt: skip
    peers = [
        Contestant("landlab", "landlab"),
        Contestant("itzi, as it comes", "itzi"),
        Contestant("itzi, steps ≤ 1 s", "itzi", {"dtmax": 1.0}),
        Contestant("anuga DE0", "anuga", judge=True),
    ]
    finest = [FINEST]
    if fine_peers:
        finest.append(Contestant("landlab, 2.5 m", "landlab", {}, 2.5, fine=True, judge=True))
    return Case("B", "Rain on steep streets (San Francisco)", common, [*OURS, *peers, *finest])


def _table(name: str) -> np.ndarray:
    return np.loadtxt(EA_TEST_4 / name, delimiter=",", skiprows=1)


def _embedded(folder: Path) -> Path:
    path = folder / "san-francisco.duckdb"
    build(ROOT / "pipelines" / "san-francisco.toml", path).close()
    return path


def _piece(city: Path) -> np.ndarray:
    """(rows, cols) ground [m] of the middle of the city, linear between the centres of its cells."""
    with City.open(city) as opened:
        x, y = opened.grid.x, opened.grid.y
        ground = np.asarray(opened.layers["ground_elevation"], float)
    reach = PIECE / 2.0 + 30.0
    near = (np.abs(x) < reach) & (np.abs(y) < reach)
    steps = np.arange(round(PIECE / TERRAIN_SPACING) + 1) * TERRAIN_SPACING - PIECE / 2.0
    surface = LinearNDInterpolator(np.column_stack([x[near], y[near]]), ground[near])
    return surface(*np.meshgrid(steps, steps))
