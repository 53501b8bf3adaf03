"""The model on the table: meshes, light and the sheet of water, each against its own law."""

import io
import json
import struct

import numpy as np
import pytest
import shapely
from PIL import Image
from scene.buildings import building_mesh, stand_blocks
from scene.frame import Frame
from scene.glb import Mesh, write_glb
from scene.ground import PLINTH, ground_mesh
from scene.paint import Canvas, grey_out
from scene.relief import Relief, cast_shadow, hillshade, relief_from_cells
from scene.sheet import LIFT, lay_sheet

from citytwin.grid.window import cover

BOX = (-122.450, 37.754, -122.446, 37.7575)


@pytest.fixture(scope="module")
def relief() -> Relief:
    frame = Frame(*BOX)
    rows, cols = frame.shape(8.0)
    return Relief(frame, np.linspace(50.0, 90.0, rows * cols, dtype=np.float32).reshape(rows, cols))


def test_frame_measures_metres() -> None:
    frame = Frame(*BOX)
    x, y = frame.offsets(np.array([BOX[0], BOX[2]]), np.array([BOX[1], BOX[3]]))
    width, height = frame.size
    assert x == pytest.approx([-width / 2, width / 2])
    assert y == pytest.approx([-height / 2, height / 2])
    assert width == pytest.approx(352.0, rel=0.01)
    assert height == pytest.approx(389.0, rel=0.01)
    u, v = frame.share(*(np.array([value]) for value in frame.anchor))
    assert (u[0], v[0]) == pytest.approx((0.5, 0.5))


def test_relief_keeps_a_plane() -> None:
    frame = Frame(*BOX)
    lon, lat = np.meshgrid(np.linspace(BOX[0], BOX[2], 60), np.linspace(BOX[1], BOX[3], 60))
    ground = 100.0 + 1e4 * (lon.ravel() - BOX[0])
    relief = relief_from_cells(frame, lon.ravel(), lat.ravel(), ground, step=4.0, apart=6.3)
    inner = np.linspace(BOX[0] + 4e-4, BOX[2] - 4e-4, 20)
    found = relief.at(inner, np.full(20, (BOX[1] + BOX[3]) / 2))
    assert found == pytest.approx(100.0 + 1e4 * (inner - BOX[0]), abs=0.3)


def test_light_comes_from_the_north_west() -> None:
    flat = np.zeros((40, 40), np.float32)
    assert hillshade(flat, 1.0) == pytest.approx(1.0)
    towards = np.add.outer(np.arange(40.0), np.arange(40.0)).astype(np.float32)  # rises south-east
    assert hillshade(towards, 1.0)[20, 20] > 1.0 > hillshade(-towards, 1.0)[20, 20]
    tower = flat.copy()
    tower[20, 20] = 10.0
    shadow = cast_shadow(flat, tower, 1.0, reach=30.0)
    south, east = np.array(np.nonzero(shadow > 0.3)).mean(axis=1) - 20
    assert south > 1
    assert east > 1


def test_a_mesh_is_a_valid_binary_gltf() -> None:
    mesh = Mesh(
        np.array([[0, 0, 0], [1, 0, 0], [0, 2, 5]], np.float32),
        np.zeros((3, 2), np.float32),
        np.array([[0, 1, 2]], np.uint32),
        b"\xff\xd8picture",
    )
    data = write_glb(mesh)
    magic, version, total = struct.unpack_from("<4sII", data)
    assert (magic, version, total) == (b"glTF", 2, len(data))
    length, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    document = json.loads(data[20 : 20 + length])
    assert document["accessors"][0]["max"] == [1, 2, 5]
    assert document["images"][0]["mimeType"] == "image/jpeg"
    assert all(view["byteOffset"] % 4 == 0 for view in document["bufferViews"])
    body = data[28 + length :]
    view = document["bufferViews"][0]
    start = view["byteOffset"]
    points = np.frombuffer(body[start : start + view["byteLength"]], "<f4").reshape(-1, 3)
    assert points == pytest.approx(mesh.positions)


def test_what_is_assumed_loses_its_colour_and_nothing_else() -> None:
    painted = np.zeros((64, 96, 3), np.uint8)
    painted[:] = (90, 160, 70)
    file = io.BytesIO()
    Image.fromarray(painted).save(file, "JPEG", quality=95)
    share = np.zeros((8, 12))
    share[:, 6:] = 1.0
    grey = Image.open(io.BytesIO(grey_out(file.getvalue(), share))).convert("RGB")
    found = np.asarray(grey, dtype=np.int16)
    colour = found.max(axis=2) - found.min(axis=2)
    assert found.shape == painted.shape
    assert np.abs(found[:, :40] - painted[:, :40]).max() < 10
    assert colour[:, 56:].mean() < 0.4 * colour[:, :40].mean()
    assert found[:, 56:].mean() < found[:, :40].mean()
    assert found[:, 56:, 0].std() > 2.0 * found[:, :40, 0].std()  # hatched


def test_the_ground_stands_on_its_plinth(relief: Relief) -> None:
    canvas = Canvas(relief.frame, (64, 64))
    mesh = ground_mesh(relief, canvas.finish(np.ones((64, 64), np.float32)), spacing=20.0)
    low, high = mesh.positions[:, 2].min(), mesh.positions[:, 2].max()
    assert high == pytest.approx(90.0, abs=0.5)
    assert low == pytest.approx(50.0 - PLINTH, abs=0.5)
    assert mesh.triangles.max() < len(mesh.positions)
    assert mesh.uv.min() >= 0.0
    assert mesh.uv.max() <= 1.0


def test_buildings_stand_on_the_ground_with_their_height(relief: Relief) -> None:
    lon, lat = relief.frame.anchor
    house = shapely.box(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4)
    pierced = shapely.Polygon(
        house.exterior, [shapely.box(lon, lat, lon + 2e-5, lat + 2e-5).exterior]
    )
    blocks = stand_blocks(relief, [house, shapely.MultiPolygon([pierced])], np.array([10.0, 20.0]))
    assert blocks.item.tolist() == [0, 1]
    assert blocks.roof[1] - blocks.roof[0] == pytest.approx(10.0)
    assert (blocks.roof[0] - blocks.foot[0]) == pytest.approx(10.0, abs=3.0)
    mesh = building_mesh(relief, blocks, np.zeros(2, dtype=np.bool_))
    assert mesh.positions[:, 2].max() == pytest.approx(blocks.roof[1], abs=1e-3)
    walls = 4 + (4 + 4)
    roofs = 2 + 8
    assert len(mesh.triangles) == 2 * walls + roofs


def test_still_water_is_a_level_sheet_and_never_below_the_ground(relief: Relief) -> None:
    grid = cover(BOX, 11)
    ground = np.full(len(grid), 60.0)
    sheet = lay_sheet(relief, grid.corners_lonlat(), ground)
    assert len(sheet.lonlat) < 6 * len(grid)  # corners are shared
    depth = np.full(len(grid), 40.0)
    wet = np.ones(len(grid), dtype=np.bool_)
    surface = sheet.surface(depth, wet)
    assert surface == pytest.approx(100.0 + LIFT)
    shallow = sheet.surface(np.full(len(grid), 0.1), wet)
    assert (shallow >= sheet.ground + LIFT - 1e-9).all()
    centre, height = sheet.hexagons(surface, wet)
    assert height == pytest.approx(1006)
    corners = (centre[:, None, :] + sheet.shape[None]) * 1e-6 + np.asarray(sheet.origin)
    assert np.abs(corners - grid.corners_lonlat()).max() < 3e-6  # a third of a metre
