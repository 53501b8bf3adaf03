"""Drains: what is read, what is refused and in which words, where nodes lie, and SWMM's engine."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from citytwin.errors import BusyError, InputError, ScenarioError
from citytwin.grid.lattice import regular_lattice
from citytwin.grid.window import Grid, cover
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.sewers import swmm as engine
from citytwin.hazards.flood.sewers.event import Sewers
from citytwin.hazards.flood.sewers.forcing import SewerForcing, open_sewers
from citytwin.hazards.flood.sewers.inlets import Inlet, read_inlets
from citytwin.hazards.flood.sewers.inp import SwmmFile, read_swmm, swmm_of
from citytwin.hazards.flood.sewers.law import Inlets, inlet_flow, settling
from citytwin.hazards.flood.sewers.placing import Spots, place_nodes
from citytwin.hazards.flood.sewers.report import report_of, sewers_sentence
from citytwin.hazards.flood.sewers.rewriting import Shaft, routing_step, swmm_text
from citytwin.hazards.flood.sewers.series import series_of
from citytwin.hazards.flood.solver import GRAVITY, Solver
from citytwin.hazards.flood.terrain import FRAME

needs_swmm = pytest.mark.skipif(not engine.is_installed(), reason="SWMM is not installed")

NETWORK = """\
[TITLE]
Two manholes and an outfall
[OPTIONS]
FLOW_UNITS           CMS
FLOW_ROUTING         DYNWAVE
START_DATE           06/01/2026
END_DATE             06/02/2026
ROUTING_STEP         30
[JUNCTIONS]
;;name invert depth start surcharge ponded
A      8.0    2     0     0         0
B      7.5    2.5   0     0         0    ; the lower one
[OUTFALLS]
O      7.0    FREE  NO
[CONDUITS]
AB     A  B   100   0.013 0 0 0 0
BO     B  O   100   0.013 0 0 0 0
[XSECTIONS]
AB     CIRCULAR 0.5 0 0 0 1
BO     CIRCULAR 0.5 0 0 0 1
[COORDINATES]
A      121.470 31.230
B      121.471 31.230
O      121.472 31.230
"""


def text(*changes: tuple[str, str]) -> str:
    found = NETWORK
    for old, new in changes:
        assert old in found
        found = found.replace(old, new)
    return found


def file_of(*changes: tuple[str, str]) -> SwmmFile:
    return swmm_of(Path("network.inp"), text(*changes))


def street(depth: float = 0.0, ground: float = 10.0) -> Solver:
    storage = np.zeros((9, 11))
    storage[1:-1, 1:-1] = 1.0
    return InertialSolver(
        regular_lattice(8.0),
        np.full(storage.shape, ground),
        storage,
        np.full(storage.shape, 0.03),
        depth=np.where(storage > 0.0, depth, 0.0),
        dtype=np.float64,
        parallel=False,
    )


SPOTS = Spots(("A", "B"), np.array([4, 4]), np.array([3, 7]))


def drains(
    water: Solver,
    file: SwmmFile,
    spots: Spots = SPOTS,
    sea: Callable[[float], float] | None = None,
    **event: object,
) -> SewerForcing:
    told = Sewers(swmm_file=str(file.path), **event)
    return SewerForcing(told, file, spots, water, sea)


# The event's fields


def test_every_field_has_its_words() -> None:
    for name, field in Sewers.model_fields.items():
        assert field.title, name
        assert field.description, name
        assert {"unit", "title_zh", "advanced"} <= set(field.json_schema_extra), name


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"swmm_file": ""}, "at least 1 character"),
        ({"swmm_file": "a.inp", "orifice_coefficient": 1.5}, "less than or equal to 1"),
        ({"swmm_file": "a.inp", "takes": "listed"}, "needs inlets_file"),
        ({"swmm_file": "a.inp", "colour": "red"}, "Extra inputs"),
        ({"swmm_file": "a.inp", "epsg": "4326"}, "valid integer"),
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Sewers(**fields)


def test_defaults_are_those_of_the_table() -> None:
    path = Path(__file__).parents[2] / "data" / "tables" / "sewer_inlets.csv"
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert {row["name"] for row in rows} >= {"weir_coefficient", "inlet_length_m"}
    for row in rows:
        value = float(row["value"])
        assert Sewers.model_fields[row["name"]].default == value
        assert float(row["low"]) <= value <= float(row["high"])
        assert row["verified"] in ("yes", "no")
        assert len(row["source"]) > 20


def test_the_event_names_its_files() -> None:
    assert Sewers(swmm_file="a.inp").files() == (Path("a.inp"),)
    both = Sewers(swmm_file="a.inp", inlets_file="b.csv")
    assert both.files() == (Path("a.inp"), Path("b.csv"))


# Reading


def test_nodes_and_pipes_are_read() -> None:
    file = file_of()
    assert [(n.name, n.kind, n.invert, n.depth) for n in file.nodes] == [
        ("A", "junction", 8.0, 2.0), ("B", "junction", 7.5, 2.5), ("O", "outfall", 7.0, 0.0),
    ]  # fmt: skip
    assert [(p.name, p.length, p.height) for p in file.pipes] == [
        ("AB", 100.0, 0.5), ("BO", 100.0, 0.5),
    ]  # fmt: skip
    assert file.coordinates["B"] == (121.471, 31.230)


def test_feet_become_metres() -> None:
    file = file_of(("CMS", "CFS"))
    assert file.nodes[0].invert == pytest.approx(8.0 * 0.3048)
    assert file.pipes[0].height == pytest.approx(0.5 * 0.3048)


def test_dividers_are_manholes_too() -> None:
    file = file_of(("[OUTFALLS]", "[DIVIDERS]\nD 7.9 BO CUTOFF 0.5 1.8 0 0 0\n[OUTFALLS]"))
    divider = next(node for node in file.nodes if node.kind == "divider")
    assert (divider.name, divider.invert, divider.depth) == ("D", 7.9, 1.8)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([("[OUTFALLS]", ";[OUTFALLS]"), ("O      7.0 ", ";O     7.0 ")], "has no outfall"),
        ([("[JUNCTIONS]", "[NODES]")], "has no junctions"),
        ([("DYNWAVE", "KINWAVE")], "FLOW_ROUTING KINWAVE, which knows no surcharge"),
        ([("FLOW_ROUTING         DYNWAVE", "")], "FLOW_ROUTING left out"),
        ([("CMS", "FURLONGS")], "unknown FLOW_UNITS 'FURLONGS'"),
        ([("B      7.5 ", "B      low ")], r"line 12 of network.inp has 'low' in \[JUNC\]"),
        ([("B      7.5    2.5   0     0         0", "B")], "line 12 .* has ''"),
        ([("[TITLE]", "[INLET_USAGE]\nAB G1 B\n[TITLE]")], "routes streets in SWMM"),
        ([("[TITLE]", '[FILES]\nUSE HOTSTART "a.hsf"\n[TITLE]')], "line 2 .* hot start file"),
    ],
)
def test_files_that_do_not_fit_are_refused(changes: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        _ = file_of(*changes).nodes


def test_what_is_no_file_or_not_of_swmm_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"missing.inp cannot be read: give the path of a SWMM"):
        read_swmm(tmp_path / "missing.inp")
    other = tmp_path / "letter.inp"
    other.write_bytes(b"Dear engineer,\n\xff\xfe\n")
    with pytest.raises(ScenarioError, match=r"letter.inp is not a SWMM input file"):
        read_swmm(other)


# What SWMM is given


RAIN = """\
[RAINGAGES]
G1 INTENSITY 0:05 1.0 TIMESERIES T1
[SUBCATCHMENTS]
S1 G1 A 2 80 100 0.5 0
[SUBAREAS]
S1 0.01 0.1 0.05 0.05 25 OUTLET
[INFILTRATION]
S1 3.0 0.5 4 7 0
[TIMESERIES]
T1 FILE "rain.dat"
[TITLE]
"""


def test_rain_is_switched_off_and_lines_keep_their_numbers() -> None:
    file = file_of(("[TITLE]\n", RAIN), ("O      7.0    FREE  NO", "O 7.0 FREE NO S1"))
    shaft = Shaft(file.nodes[0], 2.0)
    lines = swmm_text(file, (shaft,), 1.167, 0.5).splitlines()
    assert not any(line.startswith(("S1", "G1")) for line in lines)
    assert lines[: len(file.text)].index("O 7.0 FREE NO") == file.nodes[-1].line - 1
    assert lines[file.nodes[0].line - 1] == ";"
    assert any(line.startswith("A 8.0 52.0 0.0 FUNCTIONAL 0 0 1.167") for line in lines)
    assert "ROUTING_STEP 0.500" in lines
    assert "END_DATE 12/31/2027" in lines
    named = next(line for line in lines if line.startswith("T1"))
    assert named == f'T1 FILE "{Path.cwd() / "rain.dat"}"'


def test_a_wave_does_not_outrun_the_shortest_pipe() -> None:
    assert routing_step(file_of(), 1.0) == 1.0
    short = file_of(("AB     A  B   100", "AB     A  B   1"))
    assert routing_step(short, 1.0) == pytest.approx(1.0 / np.sqrt(GRAVITY * 0.5), abs=1e-3)
    assert routing_step(file_of(("AB     A  B   100", "AB     A  B   0.01")), 1.0) == 0.1


# The law of the inlets


def flow(over: float, head: float, length: float = 3.0, area: float = 0.3) -> float:
    inlets = Inlets(np.array([length]), np.array([area]), 0.375, 0.67)
    return float(inlet_flow(np.array([over]), np.array([head]), inlets)[0])


def test_shallow_water_falls_over_the_edge_and_deep_water_through_the_opening() -> None:
    assert flow(0.05, -1.0) == pytest.approx(0.375 * 3.0 * np.sqrt(2 * GRAVITY) * 0.05**1.5)
    assert flow(2.0, -1.0) == pytest.approx(0.67 * 0.3 * np.sqrt(2 * GRAVITY * 2.0))
    assert flow(0.2, 0.5) == pytest.approx(-0.67 * 0.3 * np.sqrt(2 * GRAVITY * 0.3))
    assert flow(0.3, 0.3) == 0.0
    assert flow(0.0, -1.0) == 0.0
    assert flow(0.3, -1.0, length=0.0) == 0.0


def test_the_flow_never_jumps() -> None:
    heads = np.linspace(-0.2, 0.6, 8001)
    flows = np.array([flow(0.2, head) for head in heads])
    assert np.all(np.diff(flows) <= 1e-12)
    # A square root rises by √(2g Δh) over the least step: 0.67 · 0.3 · √(2 · 9.8 · 1e-4) = 0.009.
    assert np.abs(np.diff(flows)).max() < 0.01


def test_settling_never_overshoots() -> None:
    """Two tanks that exchange the most allowed; the shaft feels a flow half a step late, as SWMM's."""
    wide, shaft = 55.0, 1.167
    over, head, before = 1.0, 0.0, 0.0
    for _ in range(40):
        expected = head + 0.5 * before / shaft
        most = settling(np.array([over]), np.array([expected]), np.array([wide]), shaft, 1.0)
        now = float(most[0])
        over -= now / wide
        head += 0.5 * (before + now) / shaft
        before = now
        assert head <= over + 1e-12
    assert over - head < 1e-6


def test_an_empty_shaft_may_fill_at_once() -> None:
    most = settling(np.array([0.0]), np.array([-2.0]), np.array([55.0]), 1.2, 0.1)
    assert most[0] == pytest.approx(2.4)


# Where nodes lie


@pytest.fixture(scope="module")
def grid() -> Grid:
    return cover((121.469, 31.229, 121.473, 31.231), 12)


def city_water(grid: Grid, wall: int | None = None) -> Solver:
    storage = np.pad(grid.scatter(np.ones(len(grid))), FRAME)
    if wall is not None:
        storage[grid.row[wall] + FRAME, grid.col[wall] + FRAME] = 0.0
    ground = np.full(storage.shape, 10.0)
    return InertialSolver(
        grid.lattice, ground, storage, np.full(storage.shape, 0.03),
        depth=np.where(storage > 0.0, 0.1, 0.0), parallel=False,
    )  # fmt: skip


def test_nodes_find_their_cells(grid: Grid) -> None:
    event = Sewers(swmm_file="network.inp")
    spots = place_nodes(file_of(), event, grid, city_water(grid))
    assert spots.names == ("A", "B")
    cells = grid.locate(*grid.project(np.array([121.470, 121.471]), np.array([31.230, 31.230])))
    assert np.array_equal(spots.row, grid.row[cells] + FRAME)
    assert np.array_equal(spots.col, grid.col[cells] + FRAME)


def test_projected_coordinates_are_understood(grid: Grid) -> None:
    from pyproj import Transformer

    to_utm = Transformer.from_crs(4326, 32651, always_xy=True)
    lines = "".join(
        f"{name} {to_utm.transform(lon, 31.230)[0]} {to_utm.transform(lon, 31.230)[1]}\n"
        for name, lon in (("A", 121.470), ("B", 121.471))
    )
    head = NETWORK[: NETWORK.index("[COORDINATES]")]
    file = swmm_of(Path("network.inp"), head + "[COORDINATES]\n" + lines)
    water = city_water(grid)
    utm = place_nodes(file, Sewers(swmm_file="network.inp", epsg=32651), grid, water)
    plain = place_nodes(file_of(), Sewers(swmm_file="network.inp"), grid, water)
    assert np.array_equal(utm.row, plain.row)
    assert np.array_equal(utm.col, plain.col)
    with pytest.raises(ScenarioError, match="are no degrees"):
        place_nodes(file, Sewers(swmm_file="network.inp"), grid, water)


@pytest.mark.parametrize(
    ("change", "event", "words"),
    [
        (("B      121.471 31.230", ""), {}, r"no coordinates for 'B': add them to \[COORDINATES\]"),
        (("121.471 31.230", "121.600 31.230"), {}, "has 'B' outside the city: set outside"),
        (("121.471 31.230", "121.471 31.230"), {"epsg": 32651}, "none of the 2 nodes"),
        (("121.471 31.230", "121.471 31.230"), {"epsg": 1999}, "there is no EPSG 1999"),
    ],
)
def test_nodes_elsewhere_are_refused(
    grid: Grid, change: tuple[str, str], event: dict[str, int], words: str
) -> None:
    told = Sewers(swmm_file="network.inp", **event)
    with pytest.raises(ScenarioError, match=words):
        place_nodes(file_of(change), told, grid, city_water(grid))


def test_nodes_outside_may_stay_closed(grid: Grid) -> None:
    file = file_of(("121.471 31.230", "121.600 31.230"))
    event = Sewers(swmm_file="network.inp", outside="closed")
    spots = place_nodes(file, event, grid, city_water(grid))
    assert spots.names == ("A",)
    assert spots.outside == 1


def test_a_node_in_a_wall_meets_the_cell_beside(grid: Grid) -> None:
    event = Sewers(swmm_file="network.inp")
    at = int(grid.locate(*grid.project(np.array([121.470]), np.array([31.230])))[0])
    water = city_water(grid, wall=at)
    spots = place_nodes(file_of(), event, grid, water)
    assert spots.moved == 1
    assert water.room_at((spots.row, spots.col)).min() > 0.0
    apart = grid.locate(grid.x[[at]], grid.y[[at]])[0]
    moved = grid.window_index[spots.row[0] - FRAME, spots.col[0] - FRAME]
    gap = np.hypot(grid.x[moved] - grid.x[apart], grid.y[moved] - grid.y[apart])
    assert gap == pytest.approx(grid.lattice.lengths.min(), rel=0.01)


# Which nodes are open, and how


def table(tmp_path: Path, rows: str) -> str:
    path = tmp_path / "inlets.csv"
    path.write_text("node,length_m,area_m2\n" + rows, encoding="utf-8")
    return str(path)


def test_inlets_are_read(tmp_path: Path) -> None:
    found = read_inlets(Path(table(tmp_path, "A,2.5,0.2\nB,0,0\n")))
    assert found == {"A": Inlet(2.5, 0.2), "B": Inlet(0.0, 0.0)}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("A,2.5,-0.2\n", "line 2 of inlets_file .* has area_m2 -0.2: give 0 to 1000"),
        ("A,2.5,0.2\nA,1,1\n", "line 3 .* lists the node 'A' again"),
        ("A,wide,0.2\n", "'length_m' in line 2 .* is not a number but 'wide'"),
        ("A,2.5\n", "line 2 .* has 2 fields"),
        ("Z,2.5,0.2\n", "lists 'Z', which is no junction"),
        ("O,2.5,0.2\n", "lists 'O', which is no junction"),
        ("A,0,0\nB,0,0\n", "no node of network.inp is open"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, rows: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        drains(street(), file_of(), inlets_file=table(tmp_path, rows))


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"inlets_file: the table .*none.csv cannot be read"):
        drains(street(), file_of(), inlets_file=str(tmp_path / "none.csv"))


def test_a_listed_node_outside_is_refused(tmp_path: Path) -> None:
    alone = Spots(("A",), np.array([4]), np.array([3]), outside=1)
    with pytest.raises(ScenarioError, match="lists 'B', which lies outside the city"):
        drains(street(), file_of(), alone, inlets_file=table(tmp_path, "B,1,1\n"))


def test_ground_below_a_floor_is_refused() -> None:
    words = "lies below their floor, for example 'A': ground 7.60 m, floor 8.00 m; set datum_m"
    with pytest.raises(ScenarioError, match=words):
        drains(street(ground=7.6), file_of())


def test_outfalls_that_follow_the_sea_need_one() -> None:
    with pytest.raises(ScenarioError, match="needs a level of the sea"):
        drains(street(), file_of(), outfalls="sea")


# SWMM's engine


@needs_swmm
def test_one_network_at_a_time() -> None:
    with drains(street(), file_of()), pytest.raises(BusyError, match="one drainage network at a"):
        drains(street(), file_of())
    with drains(street(), file_of()) as again:
        assert again.swmm.steps == 0


@needs_swmm
def test_a_network_that_is_forgotten_lets_go() -> None:
    forgotten = drains(street(), file_of())
    del forgotten
    with drains(street(), file_of()):
        pass


@needs_swmm
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("BO     B  O   100", "BO     B  X   100"),
            r"network.inp: SWMM says 'ERROR 209: undefined object X at line 17 of \[CONDUIT\]",
        ),
        (
            ("AB     CIRCULAR 0.5 0 0 0 1", ""),
            "SWMM says 'ERROR 114: invalid number of barrels for Conduit AB.' .and 1 more",
        ),
    ],
)
def test_swmm_refuses_in_its_own_words(change: tuple[str, str], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        drains(street(), file_of(change))
    with drains(street(), file_of()):
        pass


def test_missing_swmm_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "is_installed", lambda: False)
    with pytest.raises(InputError, match=r"install citytwin\[drains\]"):
        drains(street(), file_of())


# Runs


@needs_swmm
def test_notes_say_what_was_assumed_and_switched_off() -> None:
    file = file_of(
        ("[TITLE]\n", RAIN.replace('T1 FILE "rain.dat"', "T1 0:00 5")),
        ("A      8.0    2     0     0 ", "A      8.0    2     0     5 "),
    )
    with drains(street(ground=12.0), file) as sewers:
        told = " ".join(sewers.notes)
    assert sewers.names == ("B",)
    assert "The 1 subcatchments of the drains' file are switched off" in told
    assert "Assumed: an inlet edge of 3.3 m and an opening of 0.3 m²" in told
    assert "1 nodes with a surcharge depth" in told
    assert "rims of 1 manholes" in told
    assert "median -2.00 m" in told


@needs_swmm
def test_rims_of_the_file_keep_water_out_until_it_reaches_them() -> None:
    file = file_of(
        ("A      8.0    2 ", "A      8.0    2.3 "), ("B      7.5    2.5", "B      7.5    2.8")
    )
    water = street(0.2)
    with drains(water, file, rim="file") as sewers:
        water.run(60.0, forcings=(sewers,))
        assert sewers.taken == 0.0
    with drains(water, file) as sewers:
        water.run(120.0, forcings=(sewers,))
        assert sewers.taken > 10.0


@needs_swmm
def test_listed_nodes_take_and_the_others_only_give(tmp_path: Path) -> None:
    water = street(0.3)
    with drains(
        water, file_of(), takes="listed", inlets_file=table(tmp_path, "B,3,0.3\n")
    ) as found:
        water.run(60.0, forcings=(found,))
        into = found.record.network.flow_in[-1]
    assert found.names == ("A", "B")
    assert into[0] <= 0.0
    assert into[1] > 0.2


@needs_swmm
def test_feet_and_metres_give_the_same_water() -> None:
    foot = 0.3048
    feet = text(("CMS", "GPM"))
    for old in ("A      8.0    2 ", "B      7.5    2.5", "O      7.0 "):
        name, *numbers = old.split()
        new = " ".join([name, *(repr(float(x) / foot) for x in numbers), ""])
        feet = feet.replace(old, new)
    for old in ("100   0.013", "CIRCULAR 0.5"):
        word, other = old.split()
        new = f"{100 / foot!r} 0.013" if word == "100" else f"{word} {float(other) / foot!r}"
        feet = feet.replace(old, new)
    found = []
    for file in (file_of(), swmm_of(Path("network.inp"), feet)):
        water = street(0.3)
        with drains(water, file) as sewers:
            water.run(120.0, forcings=(sewers,))
            found.append({**report_of(sewers), "level": float(water.level.max())})
    for name, value in found[0].items():
        if name not in ("sewers_unaccounted", "sewers_other_inflow_m3"):
            # The inputs differ in their last bits only, but SWMM's iteration ends at 1.5 mm.
            assert found[1][name] == pytest.approx(value, rel=1e-4, abs=1e-9), name
    assert max(abs(report["sewers_other_inflow_m3"]) for report in found) < 1e-9


@needs_swmm
def test_a_datum_shifts_everything_alike() -> None:
    levels = []
    for datum in (0.0, 4.0):
        water = street(0.3, ground=10.0 + datum)
        event = {"datum_m": datum, "outfalls": "sea"}
        with drains(water, file_of(), sea=lambda _, up=datum: 9.0 + up, **event) as sewers:
            water.run(60.0, forcings=(sewers,))
        levels.append(water.level.max() - datum)
    assert levels[0] == pytest.approx(levels[1], abs=1e-9)


@needs_swmm
def test_the_sea_comes_up_through_the_drains() -> None:
    water = street()
    # The network starts at the sea's level of 9 m, so that it does not swing.
    file = file_of(
        ("A      8.0    2     0 ", "A      8.0    2     1 "),
        ("B      7.5    2.5   0 ", "B      7.5    2.5   1.5 "),
    )
    with drains(water, file, outfalls="sea", sea=lambda time: 9.0 + time / 200.0) as sewers:
        water.run(180.0, forcings=(sewers,))
        assert sewers.returned == 0.0
        water.run(400.0, forcings=(sewers,))
        assert sewers.returned > 10.0
        assert sewers.drained < -sewers.returned
        assert "came in by the outfalls" in sewers_sentence(sewers)


@needs_swmm
def test_inflows_of_the_file_are_kept_beside_the_streets() -> None:
    file = file_of(("[COORDINATES]", '[INFLOWS]\nA FLOW "" FLOW 1.0 1.0 0.05\n[COORDINATES]'))
    water = street(0.05)
    with drains(water, file) as sewers:
        water.run(120.0, forcings=(sewers,))
        found = report_of(sewers)
    # SWMM counts the mean of both ends of a step: half a step is missing; and it rounds its unit.
    assert found["sewers_other_inflow_m3"] == pytest.approx(0.05 * 119.5, rel=2e-4)
    assert found["sewers_taken_m3"] > 1.0


@needs_swmm
def test_what_overflows_elsewhere_reaches_the_street() -> None:
    """A closed tank that overflows: SWMM loses the water, the street gets it at the tank's cell."""
    file = file_of(
        ("[OUTFALLS]", "[STORAGE]\nT 9 0.5 0 FUNCTIONAL 0 0 5 0 0\n[OUTFALLS]"),
        ("[XSECTIONS]", "TB T B 50 0.013 0 0 0 0\n[XSECTIONS]\nTB CIRCULAR 0.1 0 0 0 1"),
        ("[COORDINATES]", '[INFLOWS]\nT FLOW "" FLOW 1.0 1.0 0.2\n[COORDINATES]\nT 121.4705 31.23'),
    )
    spots = Spots(("A", "B", "T"), np.array([4, 4, 2]), np.array([3, 7, 5]))
    water = street()
    with drains(water, file, spots, inlet_length_m=0.0) as sewers:
        water.run(60.0, forcings=(sewers,))
        totals = sewers.swmm.totals()
        spilled = sewers.spills.poured + sewers.spills.waiting
        assert totals.flooding > 5.0
        assert spilled == pytest.approx(totals.flooding, rel=1e-9)
        assert water.balance.entered["sewers"] == pytest.approx(sewers.spills.poured, rel=1e-12)
    assert np.unravel_index(water.depth.argmax(), water.shape) == (2, 5)


@needs_swmm
def test_what_overflows_outside_is_told_as_lost() -> None:
    file = file_of(
        ("B      7.5    2.5 ", "B      7.5    0.6 "),
        ("BO     CIRCULAR 0.5", "BO     CIRCULAR 0.1"),
    )
    water = street(0.3)
    with drains(water, file, Spots(("A",), np.array([4]), np.array([3]), outside=1)) as sewers:
        water.run(120.0, forcings=(sewers,))
        found = report_of(sewers)
        assert found["sewers_lost_outside_m3"] == pytest.approx(
            sewers.swmm.totals().flooding, rel=1e-9
        )
    assert found["sewers_lost_outside_m3"] > 1.0
    assert "1 nodes of the drains lie outside the city" in " ".join(sewers.notes)


@needs_swmm
def test_two_nodes_in_one_cell_share_its_water() -> None:
    water = street(0.01)
    spots = Spots(("A", "B"), np.array([4, 4]), np.array([5, 5]))
    with drains(water, file_of(), spots, inlet_length_m=300.0, inlet_area_m2=50.0) as sewers:
        water.run(20.0, forcings=(sewers,))
        into = sewers.record.network.flow_in[0]
    assert water.depth.min() >= 0.0
    assert abs(water.balance.error) < 1e-14
    assert into[0] > 0.0
    assert into[0] == pytest.approx(into[1], rel=1e-6)


@needs_swmm
def test_series_and_sentence(grid: Grid, tmp_path: Path) -> None:
    path = tmp_path / "network.inp"
    path.write_text(NETWORK, encoding="utf-8")
    water = city_water(grid)
    with open_sewers(Sewers(swmm_file=str(path), series_s=10.0), grid, water) as sewers:
        assert sewers_sentence(sewers) == "The drains took no water."
        water.run(60.0, forcings=(sewers,))
        network = sewers.record.network
        sentence = sewers_sentence(sewers)
    assert network.times.tolist() == [1.0, 11.0, 21.0, 31.0, 41.0, 51.0]
    assert network.depth.shape == (6, 3)
    assert sentence.startswith("The drains took ")
    found = series_of(network, ("B", "BO", "nobody"))
    assert [(x.kind, x.name, x.variable) for x in found] == [
        ("sewer node", "B", "depth"), ("sewer node", "B", "inflow"),
        ("sewer pipe", "BO", "discharge"), ("sewer pipe", "BO", "depth"),
    ]  # fmt: skip
    assert found[1].values[-1] > 0.0
    assert np.array_equal(found[2].values, network.flow[:, network.pipes.index("BO")])
