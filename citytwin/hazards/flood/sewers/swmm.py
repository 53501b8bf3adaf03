"""SWMM's engine: one network at a time in a process, stepped by us; metres and seconds outside."""

import contextlib
import tempfile
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import BusyError, InputError, ScenarioError
from citytwin.hazards.flood.sewers.inp import FLOW_UNITS, FOOT, SwmmFile

#: SWMM takes an inflow of less than 1e-5 cubic feet a second for nothing; twice that, to be safe [m³/s].
LEAST_FLOW = 2e-5 * FOOT**3
MISSING = (
    "drains need SWMM, which is not installed: install citytwin[drains], or take the drains out of "
    "the scenario"
)
_NODE, _LINK = 2, 3
_NODE_INFLOW, _NODE_OUTFLOW, _NODE_FLOOD, _NODE_DEPTH = 0, 1, 4, 5
_LINK_FLOW, _LINK_DEPTH = 0, 1
_RUNNING = threading.Lock()


def is_installed() -> bool:
    """Whether SWMM can be loaded."""
    return util.find_spec("swmm") is not None and util.find_spec("swmm.toolkit") is not None


@dataclass(frozen=True)
class Totals:
    """SWMM's own account since the start [m³].

    Attributes
    ----------
    came
        What came in: from the street, by the file's inflows, and back through the outfalls.
    went
        What went out: to the street, and by the outfalls.
    flooding
        What overflowed at nodes that are not open to the street.
    lost
        Evaporation and seepage.
    before, stored
        Water in the network at the start and now.
    """

    came: float
    went: float
    flooding: float
    lost: float
    before: float
    stored: float

    @property
    def error(self) -> float:
        """Water that SWMM lost (positive) or invented, as a share of what came in."""
        came = self.before + self.came
        left = came - self.went - self.flooding - self.lost - self.stored
        return left / came if came > 0.0 else 0.0


class Swmm:
    """A running network.

    Parameters
    ----------
    file
        Where the network came from, for its units and for messages.
    text
        What SWMM reads.
    step
        Its time step [s].

    Raises
    ------
    InputError
        If SWMM is not installed.
    BusyError
        If another network runs in this process.
    ScenarioError
        If SWMM refuses the network, in its own words.
    """

    def __init__(self, file: SwmmFile, text: str, step: float) -> None:
        self._file, self._step = file, step
        self._swmm = _load()
        if not _RUNNING.acquire(blocking=False):
            raise BusyError(
                "SWMM holds one drainage network at a time in a process, and one is running here: "
                "close it first, or run the members of an ensemble in processes of their own"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="citytwin-swmm-")
        self._end = weakref.finalize(self, _close, self._swmm, self._folder)
        per_foot, _ = FLOW_UNITS[file.flow_units]
        self._flow = per_foot / FOOT**3
        self._volume = FOOT**3 / (0.02832 if file.metre == 1.0 else 1.0)
        self.steps = 0
        self._open(text)

    def _open(self, text: str) -> None:
        folder = Path(self._folder.name)
        network, report, output = (str(folder / f"network.{end}") for end in ("inp", "rpt", "out"))
        Path(network).write_text(text, encoding="utf-8", errors="surrogateescape")
        try:
            self._swmm.swmm_open(network, report, output)
            self._swmm.swmm_start(0)
        except Exception as error:
            raise self._refusal(error) from error
        self.nodes = self._names(_NODE)
        self.links = self._names(_LINK)
        self.place = {name: k for k, name in enumerate(self.nodes)}
        self.outfalls = tuple(
            self.place[node.name] for node in self._file.nodes if node.kind == "outfall"
        )

    def _names(self, kind: int) -> tuple[str, ...]:
        count = self._swmm.project_get_count(kind)
        return tuple(self._swmm.project_get_id(kind, k) for k in range(count))

    def _refusal(self, error: Exception) -> ScenarioError:
        """What SWMM says of its fault; the network is closed."""
        self._end.detach()
        _shut(self._swmm)
        report = Path(self._folder.name) / "network.rpt"
        said = report.read_text(encoding="utf-8", errors="replace") if report.exists() else ""
        _let_go(self._folder)
        faults = [" ".join(x.split()) for x in said.splitlines() if x.strip().startswith("ERROR")]
        words = faults[0] if faults else " ".join(str(error).split())
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        return ScenarioError(f"{self._file.path}: SWMM says '{words}'{more}: mend the network")

    def step(self) -> None:
        """Go on by one time step."""
        try:
            self._swmm.swmm_step()
        except Exception as error:
            raise self._refusal(error) from error
        self.steps += 1

    def give(self, node: int, flow: float) -> None:
        """Let water flow into a node from now on, or out if negative [m³/s]."""
        self._swmm.node_set_total_inflow(node, flow * self._flow)

    def hold(self, outfall: int, level: float) -> None:
        """Set the level of an outfall in the file's datum [m]."""
        self._swmm.outfall_set_stage(outfall, level / self._file.metre)

    def depths(self, nodes: Sequence[int]) -> Floats:
        """(k,) depth of water in nodes over their floors [m]."""
        read = self._swmm.node_get_result
        return np.array([read(k, _NODE_DEPTH) for k in nodes], np.float64) * self._file.metre

    def net_inflow(self, nodes: Sequence[int]) -> Floats:
        """(k,) flow into nodes less the flow out of them in the last step [m³/s]."""
        read = self._swmm.node_get_result
        net = [read(k, _NODE_INFLOW) - read(k, _NODE_OUTFLOW) for k in nodes]
        return np.array(net, np.float64) / self._flow

    def outfall_flow(self) -> float:
        """Flow out of all outfalls, negative where it comes in [m³/s]."""
        read = self._swmm.node_get_result
        pairs = ((read(k, _NODE_INFLOW), read(k, _NODE_OUTFLOW)) for k in self.outfalls)
        # SWMM repeats a flow that comes in as an inflow.
        flow = sum(-out if out > 0.0 else into for into, out in pairs)
        return float(flow) / self._flow

    def overflow(self, nodes: Sequence[int]) -> Floats:
        """(k,) flow that leaves nodes over their rims, lost to SWMM [m³/s]."""
        read = self._swmm.node_get_result
        return np.array([read(k, _NODE_FLOOD) for k in nodes], np.float64) / self._flow

    def pipe_flow(self) -> Floats:
        """(m,) flow in all links [m³/s]."""
        read = self._swmm.link_get_result
        flow = [read(k, _LINK_FLOW) for k in range(len(self.links))]
        return np.array(flow, np.float64) / self._flow

    def pipe_depth(self) -> Floats:
        """(m,) depth of water in all links [m]."""
        read = self._swmm.link_get_result
        depth = [read(k, _LINK_DEPTH) for k in range(len(self.links))]
        return np.array(depth, np.float64) * self._file.metre

    def flooding(self) -> float:
        """Volume that overflowed since the start [m³]."""
        return float(self._swmm.system_get_routing_totals().flooding) * self._volume

    def totals(self) -> Totals:
        """SWMM's own account until now."""
        swmm = self._swmm.system_get_routing_totals()
        volume, cubic = self._volume, FOOT**3
        inflows = swmm.exInflow + swmm.dwInflow + swmm.wwInflow + swmm.gwInflow + swmm.iiInflow
        return Totals(
            came=inflows * volume,
            went=swmm.outflow * volume,
            flooding=swmm.flooding * volume,
            lost=(swmm.evapLoss + swmm.seepLoss) * volume,
            # The toolkit leaves these two in cubic feet.
            before=swmm.initStorage * cubic,
            stored=swmm.finalStorage * cubic,
        )

    def close(self) -> None:
        """Let the network go; another may then run."""
        self._end()


def _load() -> Any:
    if not is_installed():
        raise InputError(MISSING)
    return import_module("swmm.toolkit.solver")


def _close(swmm: Any, folder: tempfile.TemporaryDirectory[str]) -> None:
    _shut(swmm)
    _let_go(folder)


def _shut(swmm: Any) -> None:
    # A network that was never opened cannot end; closing one twice would stop the process.
    with contextlib.suppress(Exception):
        swmm.swmm_end()
    swmm.swmm_close()


def _let_go(folder: tempfile.TemporaryDirectory[str]) -> None:
    folder.cleanup()
    _RUNNING.release()
