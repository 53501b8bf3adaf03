"""The flood solver: arrays in, water out. Drives the kernels with an adaptive step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.errors import BalanceError
from citytwin.grid.lattice import Lattice
from citytwin.hazards.flood import exchange, kernel
from citytwin.hazards.flood.kernel import DEPTH, FLOW, FRICTION, PAD

GRAVITY = 9.80665
#: Weight of the old flux against the flow around it (after de Almeida et al. 2012;
#: the value is ours, not compared with the paper).
THETA = 0.8
#: Part of the stable wave step that is taken (after Bates et al. 2010; the value was not
#: compared with the paper).
COURANT = 0.7
#: Thinner water than this does not flow [m].
THINNEST = 1e-5
#: Longest time between two exchanges of rain, infiltration and records [s].
LONGEST_SPAN = 5.0
#: Most flow steps between two exchanges.
MOST_STEPS = 8
#: A drain takes what reaches it: its storage is this many cells.
DRAIN_STORAGE = 1e4


@dataclass(frozen=True)
class Balance:
    """Where the water went [m³].

    Attributes
    ----------
    before
        Water at the start.
    rain
        Rain that fell, roofs included.
    infiltrated
        Water that the ground took.
    drained
        Water that left over the open boundary.
    stored
        Water that stands on the ground.
    """

    before: float
    rain: float
    infiltrated: float
    drained: float
    stored: float

    @property
    def error(self) -> float:
        """Water that appeared or vanished, as a share of the water that entered."""
        entered = self.before + self.rain
        surplus = self.stored + self.infiltrated + self.drained - entered
        return surplus / entered if entered > 0.0 else surplus


class Solver:
    """Shallow water in a dense window.

    Parameters
    ----------
    lattice
        Directions and weights of the window's lattice.
    elevation
        (rows, cols) ground [m].
    storage
        (rows, cols) open area of each cell over the lattice's cell area [1]; 0 where water cannot
        be (walls, outside).
    manning
        (rows, cols) Manning's roughness [s/m^(1/3)].
    drains
        (rows, cols) cells outside the city that take the water which reaches them; they lie at
        their ``elevation``.
    depth
        (rows, cols) water at the start [m]; dry if left out.
    rain_factor
        (rows, cols) rain on a cell's own ground and on the roofs that shed into it, over its open
        area [1]; 1 if left out.
    infiltration
        (rows, cols) rate at which the ground takes water [m/s]; 0 if left out.
    dtype
        Precision of the flow, float32 or float64.
    parallel
        Use all of Numba's threads; the result is the same, to the last bit.
    bands
        Bands of rows that are worked on at once; one a thread if left out.
    wet
        Depth that counts as wet in arrival and duration [m].
    """

    def __init__(
        self,
        lattice: Lattice,
        elevation: AnyFloats,
        storage: AnyFloats,
        manning: AnyFloats,
        *,
        drains: Bools | None = None,
        depth: AnyFloats | None = None,
        rain_factor: AnyFloats | None = None,
        infiltration: AnyFloats | None = None,
        dtype: type[np.floating] = np.float32,
        parallel: bool = True,
        bands: int | None = None,
        wet: float = 0.05,
    ) -> None:
        self.lattice = lattice
        self.shape = elevation.shape
        self.time = 0.0
        self.steps = 0
        self._dtype = np.dtype(dtype)
        self._parallel = parallel
        self._wet = wet
        drains = np.zeros(self.shape, bool) if drains is None else drains
        room = np.where(drains, DRAIN_STORAGE, np.asarray(storage, np.float64))
        drag = GRAVITY * np.asarray(manning, np.float64) ** 2
        self._ground = self._window([level_step(elevation), room, drag])
        self._storage = _padded(room)
        self._drains = np.nonzero(_padded(drains))
        zeros = np.zeros(self.shape)
        start = zeros if depth is None else np.asarray(depth, np.float64)
        self._state = self._window([zeros, zeros, zeros, start, zeros])
        ones = np.ones(self.shape) if rain_factor is None else rain_factor
        taken = zeros if infiltration is None else infiltration
        self._surface = self._window([np.where(drains, 0.0, ones), np.where(drains, 0.0, taken)])
        never = np.full(self.shape, np.inf)
        self._records = self._window([start, zeros, np.where(start >= wet, 0.0, never), zeros])
        self._low, self._high = _spans(self._storage > 0.0)
        count = bands or (numba.get_num_threads() if parallel else 1)
        self._bands = _bands(self._low, self._high, count)
        self._scratch()
        self._before = self._volume()
        self._rained = self._infiltrated = self._drained = 0.0
        self._fastest = 0.0
        self._exchange(0.0, 0.0)

    def _window(self, parts: list[AnyFloats]) -> NDArray[np.floating]:
        """(rows, parts, cols) padded array in the solver's precision."""
        return np.ascontiguousarray(np.stack([_padded(p) for p in parts], axis=1), self._dtype)

    def _scratch(self) -> None:
        count, cols = self._bands.size - 1, self._state.shape[2]
        self._halo = np.zeros((count, 2 * kernel.HALO, kernel.MOVING, cols), self._dtype)
        self._ring = np.zeros((count, 3, 6, cols), self._dtype)
        self._share = np.ones((count, 2, cols), self._dtype)

    @property
    def depth(self) -> NDArray[np.floating]:
        """(rows, cols) depth now [m]; a view that may be written to impose a level."""
        return self._inner(self._state[:, DEPTH])

    @property
    def speed(self) -> Floats:
        """(rows, cols) speed now [m/s], 0 in water too shallow to have one."""
        h = self.depth.astype(np.float64)
        size = 2.0 * self._inner(self._state[:, FLOW]).astype(np.float64)
        drag = np.maximum(self._inner(self._ground[:, FRICTION]), 1e-9)
        most = np.cbrt(h * h) * np.sqrt(GRAVITY / drag)
        speed = np.minimum(
            size / np.maximum(h, exchange.SPEED_DEPTH), np.maximum(most, exchange.FAST)
        )
        return np.where(h > exchange.SPEED_DEPTH, speed, 0.0)

    @property
    def record(self) -> dict[str, NDArray[np.floating]]:
        """(rows, cols) greatest depth [m] and speed [m/s], arrival (inf if never) and duration [s]."""
        names = ("depth_max", "speed_max", "arrival", "duration")
        return {name: self._inner(self._records[:, k]) for k, name in enumerate(names)}

    @property
    def balance(self) -> Balance:
        """Where the water went until now [m³]."""
        area = self.lattice.cell_area
        return Balance(
            before=self._before * area,
            rain=self._rained * area,
            infiltrated=self._infiltrated * area,
            drained=self._drained * area,
            stored=self._volume() * area,
        )

    def run(
        self,
        until: float,
        rain: Callable[[float, float], float] | None = None,
        each_span: Callable[["Solver"], None] | None = None,
    ) -> None:
        """Let the water flow until a time.

        Parameters
        ----------
        until
            End time [s].
        rain
            Depth of rain [m] that falls between two times [s].
        each_span
            Called after every exchange, a few flow steps apart.
        """
        while self.time < until - 1e-9:
            step = min(self._wave_step(), LONGEST_SPAN)
            left = until - self.time
            count = int(min(MOST_STEPS, max(1.0, LONGEST_SPAN // step), np.ceil(left / step)))
            step = min(step, left / count)
            self._flow(step, count)
            start, self.time = self.time, min(self.time + step * count, until)
            self.steps += count
            self._exchange(self.time - start, rain(start, self.time) if rain else 0.0)
            if each_span is not None:
                each_span(self)

    def advance(self, count: int) -> None:
        """Take so many flow steps of the stable length, without rain, infiltration or records."""
        self._flow(self._wave_step(), count)
        self.steps += count

    def check(self, tolerance: float) -> None:
        """Fail with ``BalanceError`` if more than this share of the water appeared or vanished."""
        if not abs(self.balance.error) <= tolerance:
            raise BalanceError(
                f"the flood's water balance is off by {self.balance.error:.1e} of the water that "
                f"entered, more than {tolerance:.0e}: the result was not kept; please report it"
            )

    @property
    def stable_step(self) -> float:
        """Time of the flow steps that ``advance`` takes [s]."""
        return self._wave_step()

    def _wave_step(self) -> float:
        """Part of the stable step of the fastest wave, |u| + √(g h) [s]."""
        fastest = max(self._fastest, np.sqrt(GRAVITY * 1e-3))
        return float(COURANT * 2.0 / (fastest * np.sqrt(self.lattice.largest_eigenvalue)))

    def _flow(self, step: float, count: int) -> None:
        steps = kernel.steps_parallel if self._parallel else kernel.steps_serial
        edge, turn = _constants(self.lattice, step, self._dtype)
        steps(
            self._state, self._ground, self._bands, self._halo, self._low, self._high,
            edge, turn, self._ring, self._share, count,
        )  # fmt: skip

    def _exchange(self, span: float, rain: float) -> None:
        sums = np.zeros((self._bands.size - 1, 3))
        passing = exchange.exchange_parallel if self._parallel else exchange.exchange_serial
        self._empty_drains()
        passing(
            self._state, self._storage, self._ground[:, FRICTION], self._surface, self._records,
            self._bands, self._low, self._high, rain, span, self.time, self._wet, sums,
        )  # fmt: skip
        self._rained += float(sums[:, 0].sum())
        self._infiltrated += float(sums[:, 1].sum())
        self._fastest = float(sums[:, 2].max())

    def _empty_drains(self) -> None:
        row, col = self._drains
        if row.size:
            self._drained += (
                float(self._state[row, DEPTH, col].sum(dtype=np.float64)) * DRAIN_STORAGE
            )
            # The fluxes stay: clearing those that lie at a drain would favour two sides.
            self._state[row, DEPTH, col] = 0.0

    def _volume(self) -> float:
        return float(np.sum(self._state[:, DEPTH] * self._storage, dtype=np.float64))

    def _inner(self, padded: NDArray[np.floating]) -> NDArray[np.floating]:
        return padded[PAD:-PAD, PAD:-PAD]


def level_step(level: AnyFloats | float) -> Floats:
    """Level rounded to 2⁻¹² m, a quarter of a millimetre.

    Float32 holds such levels up to 4,096 m and their differences without rounding, so that a lake
    rests exactly.
    """
    return np.asarray(np.round(np.asarray(level, np.float64) * 4096.0) / 4096.0)


def _padded(values: AnyFloats | Bools) -> NDArray[np.floating]:
    return np.pad(np.asarray(values, np.float64), PAD)


def _spans(open_cells: Bools) -> tuple[Ints, Ints]:
    """First column and one past the last, for each row, that its own and its neighbours' cells need."""
    cols = open_cells.shape[1]
    some = open_cells.any(axis=1)
    first = np.where(some, open_cells.argmax(axis=1), cols)
    last = np.where(some, cols - open_cells[:, ::-1].argmax(axis=1), 0)
    near_first, near_last = first.copy(), last.copy()
    for shift in (-1, 1):
        near_first = np.minimum(near_first, np.roll(first, shift))
        near_last = np.maximum(near_last, np.roll(last, shift))
    low = np.clip(near_first - 1, 1, cols - 1)
    high = np.clip(near_last + 1, 1, cols - 1)
    return low.astype(np.int64), np.maximum(low, high).astype(np.int64)


def _bands(low: Ints, high: Ints, count: int) -> Ints:
    """(count + 1,) rows that split the work evenly, at least four rows a band."""
    rows = low.size
    count = max(1, min(count, (rows - 2 * PAD) // 4))
    work = np.cumsum((high - low)[PAD : rows - PAD])
    cuts = np.searchsorted(work, work[-1] * np.arange(1, count) / count) + PAD
    edges = np.concatenate([[PAD], cuts, [rows - PAD]])
    for k in range(1, count):
        edges[k] = min(max(edges[k], edges[k - 1] + 4), rows - PAD - 4 * (count - k))
    return edges.astype(np.int64)


def _constants(lattice: Lattice, step: float, dtype: Any) -> tuple[AnyFloats, AnyFloats]:
    """Constants of ``kernel`` for one time step [s]: those of the edges, those of the flow vector.

    θ belongs to the full step of a wave in water of the edge's own depth; a shorter step smooths
    less, so that neither the step nor deep water elsewhere changes a flow.
    """
    blend = (1.0 - THETA) * step * np.sqrt(GRAVITY * lattice.largest_eigenvalue) / (2.0 * COURANT)
    crossing = lattice.edges * step / lattice.cell_area
    edge = np.zeros((3, 7))
    edge[:, 0] = GRAVITY * step / lattice.lengths
    edge[:, 1], edge[:, 2], edge[:, 3] = step / 2.0, blend / 2.0, THINNEST
    edge[:, 4], edge[:, 5], edge[:, 6] = crossing, 0.0, 1.0
    turn = 0.25 * (lattice.weights * lattice.lengths / crossing)[:, None] * lattice.vectors
    return edge.astype(dtype), turn.T.ravel().astype(dtype)
