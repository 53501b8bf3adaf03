"""The flood solver: arrays in, water out. One lattice, one interface; subclasses take the flow steps."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

import numba
import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.errors import BalanceError, StepError
from citytwin.grid.lattice import Lattice
from citytwin.hazards.flood import exchange, records
from citytwin.hazards.flood.active import active_spans
from citytwin.hazards.flood.balance import Balance
from citytwin.hazards.flood.hazard_class import LIMITS
from citytwin.hazards.flood.layout import PAD, level_step, padded, spans
from citytwin.hazards.flood.layout import bands as row_bands
from citytwin.hazards.flood.losses import CONSTANT, Losses

GRAVITY = 9.80665
#: Longest time between two exchanges of rain, losses and records [s].
LONGEST_SPAN = 5.0
#: Most flow steps between two exchanges.
MOST_STEPS = 10
#: A flow rushes only if its momentum outlives so many cells. Judged.
RUSHING_CELLS = 5.0
#: A shorter flow step than this for each metre between cells is a fault of the ground or of the
#: scenario [s/m]: no water on Earth has waves of several hundred metres a second.
LEAST_STEP = 1e-3
#: A drain takes what reaches it: its storage is this many cells.
DRAIN_STORAGE = 1e4
#: Places of the fixed quantities in ``ground``.
ELEVATION, STORAGE, FRICTION = range(3)
#: Level of a crest that stops nothing, and of one that nothing passes [m].
NO_CREST, CLOSED = -1e30, 1e30

#: Cells by row and column in a window; edges by direction, row and column of the cell before.
Place = tuple[Ints, Ints]
Edges = tuple[Ints, Ints, Ints]
Rain = Callable[[float, float], "float | AnyFloats"]


class Forcing(Protocol):
    """Something that acts on the water at single cells or edges, before each flow step."""

    def apply(self, water: "Solver", start: float, end: float) -> None:
        """Act for the time from ``start`` to ``end`` [s]."""

    def state(self) -> dict[str, Any]:
        """What it has to remember to go on after a restart."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave."""


class Solver(ABC):
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
    losses
        What the ground takes, with (rows, cols) parameters; nothing if left out.
    sewer
        (rows, cols) rate at which assumed sewers swallow water [m/s]; 0 if left out.
    crest
        (3, rows, cols) level [m] below which nothing passes the edge from a cell in each direction
        (walls, levees); none if left out.
    dtype
        Precision of the flow, float32 or float64.
    parallel
        Use all of Numba's threads; the result is the same, to the last bit.
    bands
        Bands of rows that are worked on at once; one a thread if left out.
    wet
        Depth that counts as wet in arrival and duration [m].
    """

    #: Word by which a scenario names the solver.
    name: ClassVar[str]
    #: Number of moving quantities in the state, and the place of the depth among them.
    moving: ClassVar[int]
    depth_part: ClassVar[int]
    #: Places of half the magnitude of the flow (twice the same), or of its two components.
    flow_parts: ClassVar[tuple[int, int]]
    #: Whether the length of each single flow step follows the water.
    every_step: ClassVar[bool] = False

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
        losses: Losses | None = None,
        sewer: AnyFloats | None = None,
        crest: AnyFloats | None = None,
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
        self._storage = padded(room)
        self._drains = np.nonzero(padded(drains))
        zeros = np.zeros(self.shape)
        start = zeros if depth is None else np.asarray(depth, np.float64)
        parts = [zeros] * self.moving
        parts[self.depth_part] = start
        self._state = self._window(parts)
        self._loss = CONSTANT if losses is None else losses.kind
        self._surface = self._surface_of(drains, rain_factor, losses, sewer)
        self._records = self._window_of_records(start)
        self._crest = np.full((1, 3, self._state.shape[2]), NO_CREST, self._dtype)
        self._crossed = np.zeros_like(self._crest)
        if crest is not None:
            self._all_crests()[:, :, :] = np.moveaxis(
                np.stack([padded(level_step(way), NO_CREST) for way in crest]), 0, 1
            )
        self._static = spans(self._storage > 0.0)
        self._low, self._high = self._static[0].copy(), self._static[1].copy()
        self._count = bands or (numba.get_num_threads() if parallel else 1)
        self._bands = row_bands(self._low, self._high, self._count)
        self._plain: NDArray[np.floating] = np.ones((1, self._state.shape[2]))
        self._limits = np.asarray(LIMITS, self._dtype)
        self._entered: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self._fastest, self._last_step, self._flowing, self._rushing = 0.0, 1.0, 0.0, 0.0
        self._prepare()
        self._before = self._volume()
        self._exchange(0.0, 0.0)

    def _window(self, parts: Sequence[AnyFloats]) -> NDArray[np.floating]:
        """(rows, parts, cols) padded array in the solver's precision."""
        return np.ascontiguousarray(np.stack([padded(p) for p in parts], axis=1), self._dtype)

    def _surface_of(
        self,
        drains: Bools,
        rain_factor: AnyFloats | None,
        losses: Losses | None,
        sewer: AnyFloats | None,
    ) -> NDArray[np.floating]:
        """What ``exchange`` reads of the ground; drains take part in nothing."""
        zeros = np.zeros(self.shape)
        factor = np.ones(self.shape) if rain_factor is None else rain_factor
        takes = (zeros, zeros, zeros) if losses is None else (losses.p0, losses.p1, losses.p2)
        parts = [factor, *takes, zeros, zeros if sewer is None else sewer]
        return self._window([np.where(drains, 0.0, part) for part in parts])

    def _window_of_records(self, start: Floats) -> NDArray[np.floating]:
        zeros = np.zeros(self.shape)
        parts = dict.fromkeys(records.RECORDS, zeros)
        parts["depth_max"] = start
        parts["arrival"] = np.where(start >= self._wet, 0.0, np.full(self.shape, np.inf))
        return self._window(list(parts.values()))

    # What a subclass adds

    def _prepare(self) -> None:  # noqa: B027  (optional)
        """Make what the flow steps need; the state and the ground are there."""

    @abstractmethod
    def _flow(self, step: float, count: int) -> None:
        """Take ``count`` flow steps of ``step`` seconds each."""

    @abstractmethod
    def _wave_step(self) -> float:
        """Length of a stable flow step now [s]."""

    def _depth_of(self, place: Place, level: Floats) -> Floats:
        """(k,) depth that the state holds when the water stands at a level [m]."""
        return np.maximum(level - self.ground_at(place), 0.0)

    # What one can see

    @property
    def depth(self) -> NDArray[np.floating]:
        """(rows, cols) depth now [m]; a view that may be written at once, to impose a level."""
        self._everywhere()
        return self._inner(self._state[:, self.depth_part])

    @property
    def level(self) -> Floats:
        """(rows, cols) level of the water, or of the ground where it is dry [m]."""
        ground = self._inner(self._ground[:, ELEVATION]).astype(np.float64)
        return np.asarray(ground + self.depth)

    @property
    def flow(self) -> Floats:
        """(rows, cols) magnitude of the flow, depth times speed [m²/s]."""
        return self._flow_of([self._inner(self._state[:, k]) for k in range(self.moving)])

    @property
    def speed(self) -> Floats:
        """(rows, cols) speed now [m/s], 0 in water too shallow to have one."""
        drag = self._inner(self._ground[:, FRICTION])
        return self._speed_of(self.depth.astype(np.float64), self.flow, drag)

    def _flow_of(self, parts: Sequence[AnyFloats]) -> Floats:
        a, b = (np.asarray(parts[k], np.float64) for k in self.flow_parts)
        return np.asarray(2.0 * a if self.flow_parts[0] == self.flow_parts[1] else np.hypot(a, b))

    def _speed_of(self, depth: Floats, flow: Floats, drag: AnyFloats) -> Floats:
        speed = flow / np.maximum(depth, records.SPEED_DEPTH)
        if self.flow_parts[0] == self.flow_parts[1]:
            most = np.cbrt(depth * depth) * np.sqrt(GRAVITY / np.maximum(drag, 1e-9))
            speed = np.minimum(speed, np.maximum(most, records.FAST))
        return np.where(depth > records.SPEED_DEPTH, speed, 0.0)

    @property
    def record(self) -> dict[str, NDArray[np.floating]]:
        """(rows, cols) greatest depth [m], speed [m/s], momentum [m²/s] and hazard class, arrival
        (inf if never) and duration [s], by name."""  # noqa: D205, D209
        return {name: self._inner(self._records[:, k]) for k, name in enumerate(records.RECORDS)}

    @property
    def balance(self) -> Balance:
        """Where the water went until now [m³]."""
        return Balance(self._before, self._volume(), dict(self._entered), dict(self._left))

    @property
    def rushing(self) -> float:
        """Share of the flow so far, in water of some depth, that runs fast and far: see ``exchange``."""
        return self._rushing / self._flowing if self._flowing > 0.0 else 0.0

    @property
    def stable_step(self) -> float:
        """Time of the flow steps that ``advance`` takes [s]."""
        return self._wave_step()

    def ground_at(self, place: Place) -> Floats:
        """(k,) elevation of the ground [m]."""
        return self._at(self._ground[:, ELEVATION], place)

    def depth_at(self, place: Place) -> Floats:
        """(k,) depth of the water [m]."""
        return self._at(self._state[:, self.depth_part], place)

    def level_at(self, place: Place) -> Floats:
        """(k,) level of the water, or of the ground where it is dry [m]."""
        return self.ground_at(place) + self.depth_at(place)

    def speed_at(self, place: Place) -> Floats:
        """(k,) speed of the water [m/s], 0 where it is too shallow to have one."""
        row, col = place[0] + PAD, place[1] + PAD
        parts = self._state[row, :, col].astype(np.float64)
        drag = self._ground[row, FRICTION, col].astype(np.float64)
        return self._speed_of(parts[:, self.depth_part], self._flow_of(list(parts.T)), drag)

    def room_at(self, place: Place) -> Floats:
        """(k,) area that water can cover [m²]."""
        return self._at(self._storage, place) * self.lattice.cell_area

    # What one can do

    def run(
        self,
        until: float,
        rain: Rain | None = None,
        each_span: Callable[["Solver"], None] | None = None,
        forcings: Sequence[Forcing] = (),
    ) -> None:
        """Let the water flow until a time.

        Parameters
        ----------
        until
            End time [s].
        rain
            Depth of rain [m] that falls between two times [s], one number or (rows, cols).
        each_span
            Called after every exchange, a few flow steps apart.
        forcings
            What acts at single cells and edges before each flow step.

        Raises
        ------
        StepError
            If the stable flow step becomes uselessly short.
        """
        while self.time < until - 1e-9:
            start = self.time
            if self.every_step or forcings:
                self._singly(until, forcings)
            else:
                self._together(until)
            self._exchange(self.time - start, rain(start, self.time) if rain else 0.0)
            if each_span is not None:
                each_span(self)

    def _together(self, until: float) -> None:
        """A span of equal flow steps."""
        step = self._safe_step()
        left = until - self.time
        count = int(min(MOST_STEPS, max(1.0, LONGEST_SPAN // step), np.ceil(left / step)))
        step = min(step, left / count)
        self._last_step = step
        self._flow(step, count)
        self.steps += count
        self.time = min(self.time + step * count, until)

    def _singly(self, until: float, forcings: Sequence[Forcing]) -> None:
        """A span whose flow steps follow one another singly."""
        end = min(self.time + LONGEST_SPAN, until)
        for _ in range(MOST_STEPS):
            step, left = self._safe_step(), end - self.time
            step = left / np.ceil(left / step)
            later = end if step >= left else self.time + step
            for forcing in forcings:
                forcing.apply(self, self.time, later)
            self._last_step = step
            self._flow(step, 1)
            self.steps += 1
            self.time = later
            if self.time >= end:
                return

    def advance(self, count: int) -> None:
        """Take so many flow steps of the stable length, without rain, losses or records."""
        self._everywhere()  # the followed spans are good for few steps only
        self._spread()
        self._last_step = self._wave_step()
        self._flow(self._last_step, count)
        self.steps += count

    def add(self, place: Place, volume: AnyFloats, term: str) -> Floats:
        """Pour water into cells, or take it out.

        Parameters
        ----------
        place
            Cells, each at most once.
        volume
            (k,) water for each cell [m³]; negative takes, at most what is there.
        term
            Name of this water in the balance.

        Returns
        -------
        (k,) what was really added [m³]: what the cell holds limits it, and rounding of its depth.
        """
        room = self.room_at(place)
        wanted = np.divide(volume, room, out=np.zeros(room.size), where=room > 0.0)
        return self._set_depth(place, np.maximum(self.depth_at(place) + wanted, 0.0), term)

    def hold_level(self, place: Place, level: AnyFloats | float, term: str) -> Floats:
        """Set the water of cells to a level [m]; the difference [m³] is booked and returned."""
        levels = np.broadcast_to(np.asarray(level, np.float64), place[0].shape)
        return self._set_depth(place, self._depth_of(place, levels), term)

    def _set_depth(self, place: Place, depth: Floats, term: str) -> Floats:
        row, col = place[0] + PAD, place[1] + PAD
        before = self._state[row, self.depth_part, col].astype(np.float64)
        self._state[row, self.depth_part, col] = depth
        after = self._state[row, self.depth_part, col].astype(np.float64)
        change = np.asarray((after - before) * self.room_at(place))
        self._book(term, float(change[change > 0.0].sum()), float(-change[change < 0.0].sum()))
        self._reach(place)
        return change

    def prime(self, forcings: Sequence[Forcing]) -> None:
        """Let forcings act for no time at all, so that the first moment knows of them."""
        for forcing in forcings:
            forcing.apply(self, self.time, self.time)
        self._exchange(0.0, 0.0)

    def set_crest(self, edges: Edges, level: AnyFloats | float) -> None:
        """Set the level [m] below which nothing passes some edges, for walls, gates and breaches.

        It is rounded as the ground is, so that a lake over it rests.
        """
        way, row, col = edges
        self._all_crests()[row + PAD, way, col + PAD] = level_step(level)

    def discharge(self, edges: Edges) -> Floats:
        """(k,) flow through edges in the last flow step [m³/s], positive forward.

        The first call only asks for it: from then on the flow steps keep it.
        """
        if self._crossed.shape[0] == 1:
            self._crossed = np.zeros((self._state.shape[0], 3, self._state.shape[2]), self._dtype)
        way, row, col = edges
        volume = self._crossed[row + PAD, way, col + PAD].astype(np.float64)
        return np.asarray(volume * self.lattice.cell_area / self._last_step)

    def check(self, tolerance: float) -> None:
        """Fail with ``BalanceError`` if more than this share of the water appeared or vanished."""
        if not abs(self.balance.error) <= tolerance:
            raise BalanceError(
                f"the flood's water balance is off by {self.balance.error:.1e} of the water that "
                f"entered, more than {tolerance:.0e}: the result was not kept; please report it"
            )

    # Restart

    _KEPT = ("_state", "_surface", "_records", "_crest", "_crossed", "_low", "_high")
    _NUMBERS = ("time", "steps", "_fastest", "_last_step", "_flowing", "_rushing", "_before")

    def save(self) -> dict[str, Any]:
        """All that changes in a run, as arrays and numbers, to go on from later to the same bit."""
        kept = {name: getattr(self, name).copy() for name in self._KEPT}
        numbers = {name: getattr(self, name) for name in self._NUMBERS}
        return {**kept, **numbers, "entered": dict(self._entered), "left": dict(self._left)}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave; this solver must have been made in the same way."""
        for name in self._KEPT:
            setattr(self, name, np.array(kept[name]))
        for name in self._NUMBERS:
            setattr(self, name, kept[name])
        self._entered, self._left = dict(kept["entered"]), dict(kept["left"])
        self._spread()

    # Inside

    def _safe_step(self) -> float:
        step = self._wave_step()
        if not step >= LEAST_STEP * float(self.lattice.lengths.min()):
            raise self._step_error(step)
        return min(step, LONGEST_SPAN)

    def _step_error(self, step: float) -> StepError:
        speed, depth = self.speed, self.depth
        fastest = np.where(np.isfinite(speed), speed, np.inf) + np.sqrt(GRAVITY * np.abs(depth))
        row, col = np.unravel_index(np.argmax(np.nan_to_num(fastest, nan=np.inf)), self.shape)
        return StepError(
            f"the flow step fell to {step:.1e} s after {self.time:.0f} s, at a cell with water "
            f"{depth[row, col]:.2f} m deep and {speed[row, col]:.1f} m/s fast: check the ground and "
            "what flows in there, or use a coarser resolution",
            int(row), int(col),
        )  # fmt: skip

    def _exchange(self, span: float, rain: "float | AnyFloats") -> None:
        amount, pattern = (
            (1.0, padded(rain)) if isinstance(rain, np.ndarray) else (float(rain), self._plain)
        )
        if amount > 0.0:
            self._everywhere()
        low, high = self._low, self._high
        sums = np.zeros((self._bands.size - 1, 6))
        passing = exchange.exchange_parallel if self._parallel else exchange.exchange_serial
        self._empty_drains()
        speeds = np.zeros((self._bands.size - 1, 2, self._state.shape[2]), self._dtype)
        passing(
            self._state, np.asarray(self.flow_parts, np.int64), self.depth_part, self._storage,
            self._ground, FRICTION, self._surface, self._loss, self._records, speeds, self._limits,
            RUSHING_CELLS * float(self.lattice.lengths.mean()), self._bands, low, high, amount, pattern,
            span, records.constants(self._wet, self.time, span, self._dtype), sums,
        )  # fmt: skip
        area = self.lattice.cell_area
        self._book("rain", float(sums[:, exchange.RAINED].sum()) * area, 0.0)
        self._book("infiltrated", 0.0, float(sums[:, exchange.INFILTRATED].sum()) * area)
        self._book("sewers", 0.0, float(sums[:, exchange.SEWERED].sum()) * area)
        self._fastest = float(sums[:, exchange.FASTEST].max())
        self._flowing += float(sums[:, exchange.FLOWING].sum()) * span
        self._rushing += float(sums[:, exchange.RUSHING].sum()) * span
        self._follow_water()

    def _follow_water(self) -> None:
        """Bring the spans of the rows to where the water is or can be before the next exchange."""
        low, high = self._static
        active_spans(
            self._state, self.depth_part, 0.0, MOST_STEPS + 2, self._low, self._high, low, high
        )
        self._spread()

    def _everywhere(self) -> None:
        """Let the spans of the rows hold every cell until the water is followed again."""
        self._low[:], self._high[:] = self._static

    def _spread(self) -> None:
        """Share the rows anew among the bands."""
        self._bands = row_bands(self._low, self._high, self._count)

    def _reach(self, place: Place) -> None:
        """See that the rows' spans hold cells that may have become wet."""
        if not place[0].size:
            return
        reach = MOST_STEPS + 2
        first = np.clip(place[0].min() + PAD - reach, 0, self._low.size)
        last = np.clip(place[0].max() + PAD + reach + 1, 0, self._low.size)
        rows = slice(int(first), int(last))
        left, right = place[1].min() + PAD - reach, place[1].max() + PAD + reach + 1
        low, high = self._static
        np.minimum(self._low[rows], np.maximum(left, low[rows]), out=self._low[rows])
        np.maximum(self._high[rows], np.minimum(right, high[rows]), out=self._high[rows])

    def _empty_drains(self) -> None:
        row, col = self._drains
        if row.size:
            held = float(self._state[row, self.depth_part, col].sum(dtype=np.float64))
            self._book("drained", 0.0, held * DRAIN_STORAGE * self.lattice.cell_area)
            # The fluxes stay: clearing those that lie at a drain would favour two sides.
            self._state[row, self.depth_part, col] = 0.0

    def _book(self, term: str, entered: float, left: float) -> None:
        if entered > 0.0:
            self._entered[term] = self._entered.get(term, 0.0) + entered
        if left > 0.0:
            self._left[term] = self._left.get(term, 0.0) + left

    def _volume(self) -> float:
        """Water on the ground [m³]."""
        depth = self._state[:, self.depth_part]
        return float(np.sum(depth * self._storage, dtype=np.float64)) * self.lattice.cell_area

    def _all_crests(self) -> NDArray[np.floating]:
        """(rows, 3, cols) crests of all edges, made when the first is asked for."""
        if self._crest.shape[0] == 1:
            shape = (self._state.shape[0], 3, self._state.shape[2])
            self._crest = np.full(shape, NO_CREST, self._dtype)
        return self._crest

    def _at(self, values: NDArray[np.floating], place: Place) -> Floats:
        return np.asarray(values[place[0] + PAD, place[1] + PAD], np.float64)

    def _inner(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        return values[PAD:-PAD, PAD:-PAD]
