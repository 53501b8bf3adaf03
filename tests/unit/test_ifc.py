"""IFC: outline, height and place of buildings made here with ifcopenshell."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from citytwin.errors import SourceError
from citytwin.sources.ifc.source import Ifc

ifcopenshell = pytest.importorskip("ifcopenshell", reason="ifcopenshell is not installed")
from ifcopenshell.api import (  # noqa: E402 after the check that it is there
    aggregate,
    context,
    geometry,
    georeference,
    project,
    root,
    spatial,
    unit,
)

ROOT = Path("/")
BOX = (24.5, 60.0, 25.5, 60.5)


def model(
    schema: str = "IFC4", prefix: str | None = "MILLI", floors: Any = (-3.0, 0.0, 3.0)
) -> Any:
    """A house of 10 m by 4 m: a cellar below, walls of 9 m above the ground, a slab on top."""
    file = project.create_file(version=schema)
    top = root.create_entity(file, ifc_class="IfcProject", name="P")
    unit.assign_unit(file, units=[unit.add_si_unit(file, unit_type="LENGTHUNIT", prefix=prefix)])
    main = context.add_context(file, context_type="Model")
    body = context.add_context(
        file, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=main
    )
    site = root.create_entity(file, ifc_class="IfcSite")
    house = root.create_entity(file, ifc_class="IfcBuilding", name="塔楼")
    aggregate.assign_object(file, products=[site], relating_object=top)
    aggregate.assign_object(file, products=[house], relating_object=site)
    scale = 1000.0 if prefix else 1.0
    storeys = []
    for height in floors:
        storey = root.create_entity(file, ifc_class="IfcBuildingStorey")
        storey.Elevation = height * scale
        aggregate.assign_object(file, products=[storey], relating_object=house)
        storeys.append(storey)
    walls = [("IfcWall", 10.0, 4.0, 9.0, 0.0), ("IfcWall", 20.0, 20.0, 3.0, -3.5)]
    walls.append(("IfcFurnishingElement", 50.0, 50.0, 2.0, 0.0))
    for kind, length, thickness, height, bottom in walls:
        block = root.create_entity(file, ifc_class=kind)
        shape = geometry.add_wall_representation(
            file, context=body, length=length, height=height, thickness=thickness
        )
        geometry.assign_representation(file, product=block, representation=shape)
        matrix = np.eye(4)
        matrix[2, 3] = bottom
        geometry.edit_object_placement(file, product=block, matrix=matrix, is_si=True)
        spatial.assign_container(file, products=[block], relating_structure=storeys[1])
    return file


def placed(file: Any, system: str = "EPSG:3067", angle: float = 0.0, **more: Any) -> Any:
    georeference.add_georeferencing(file)
    turn = math.radians(angle)
    operation = {"Eastings": 385_500.0, "Northings": 6_671_800.0, **more}
    operation |= {"XAxisAbscissa": math.cos(turn), "XAxisOrdinate": math.sin(turn)}
    georeference.edit_georeferencing(
        file, coordinate_operation=operation, projected_crs={"Name": system}
    )
    return file


def read(folder: Path, file: Any, box: Any = BOX, **changes: Any) -> Any:
    path = folder / "house.ifc"
    file.write(str(path))
    settings = {"path": path, "licence": "CC0-1.0", "attribution": "x"}
    return Ifc.model_validate(settings | changes).read(ROOT, box)


@pytest.mark.parametrize("prefix", ["MILLI", None])
@pytest.mark.parametrize("more", [{}, {"Scale": 0.001}])
def test_a_house_on_the_map(prefix: str | None, more: Any, tmp_path: Path) -> None:
    reading = read(tmp_path, placed(model(prefix=prefix), **more))
    row = reading.layers["buildings"].iloc[0]
    assert (row["name"], row["height"], row["levels"]) == ("塔楼", pytest.approx(9.0), 2.0)
    assert len(row["source_id"]) == 22
    shape = reading.layers["buildings"].to_crs("EPSG:3067").geometry.iloc[0]
    want = shapely.box(385_500, 6_671_800, 385_510, 6_671_804)
    assert shapely.hausdorff_distance(shape, want) < 1e-4
    assert "placed by its map conversion" in reading.remarks[0]


def test_a_turned_house(tmp_path: Path) -> None:
    reading = read(tmp_path, placed(model(), angle=90.0))
    shape = reading.layers["buildings"].to_crs("EPSG:3067").geometry.iloc[0]
    want = shapely.box(385_496, 6_671_800, 385_500, 6_671_810)
    assert shapely.hausdorff_distance(shape, want) < 1e-4


def test_a_house_placed_by_its_site_and_true_north(tmp_path: Path) -> None:
    file = model()
    (site,) = file.by_type("IfcSite")
    site.RefLatitude, site.RefLongitude = (60, 10, 12, 0), (24, 56, 24, 500_000)
    reading = read(tmp_path, file)
    shape = reading.layers["buildings"].geometry.iloc[0]
    west, south, east, north = shape.bounds
    assert (west, south) == pytest.approx((24 + 56 / 60 + 24.5 / 3600, 60.17), abs=1e-9)
    wide, deep = (east - west) * math.cos(math.radians(60.17)) * 111_400, (north - south) * 111_400
    assert (wide, deep) == pytest.approx((10.0, 4.0), rel=5e-3)
    main = file.by_type("IfcGeometricRepresentationContext", include_subtypes=False)[0]
    main.TrueNorth = file.create_entity("IfcDirection", (1.0, 0.0))
    turned = read(tmp_path, file).layers["buildings"].geometry.iloc[0].bounds
    # True north is the model's x axis: the long side now points north.
    assert (turned[3] - turned[1]) * 111_400 == pytest.approx(10.0, rel=5e-3)
    assert turned[2] == pytest.approx(west, abs=1e-9)


def test_a_house_placed_by_the_recipe(tmp_path: Path) -> None:
    reading = read(tmp_path, model(), anchor=(24.94, 60.17), bearing=90.0)
    west, south, east, north = reading.layers["buildings"].geometry.iloc[0].bounds
    # The y axis points east, so the long side, along x, points south.
    assert (west, north) == pytest.approx((24.94, 60.17), abs=1e-9)
    assert (north - south) * 111_400 == pytest.approx(10.0, rel=5e-3)
    assert (east - west) * math.cos(math.radians(60.17)) * 111_400 == pytest.approx(4.0, rel=5e-3)


def test_the_ground_may_be_given(tmp_path: Path) -> None:
    row = read(tmp_path, placed(model()), ground=-3.5).layers["buildings"].iloc[0]
    assert row["height"] == pytest.approx(12.5)


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"does not say where it stands .* give 'anchor'"):
        read(tmp_path, model())
    with pytest.raises(SourceError, match=r"'Helsinki' of the file .* is not known"):
        read(tmp_path, placed(model(), "Helsinki"))
    reading = read(tmp_path, placed(model(), "Helsinki"), crs="EPSG:3067")
    assert len(reading.layers["buildings"]) == 1
    far = read(tmp_path, placed(model()), box=(2.0, 48.0, 2.1, 48.1))
    assert "nothing of the file" in far.remarks[1]
    bare = model()
    for block in bare.by_type("IfcWall"):
        bare.remove(block)
    with pytest.raises(SourceError, match="holds no building with a shape"):
        read(tmp_path, placed(bare))
    path = tmp_path / "b.ifc"
    path.write_bytes(b"ISO-10303-21; nothing")
    settings = {"licence": "CC0-1.0", "attribution": "x"}
    with pytest.raises(SourceError, match="cannot be read as IFC"):
        Ifc.model_validate({"path": path} | settings).read(ROOT, BOX)
    with pytest.raises(SourceError, match="does not exist"):
        Ifc.model_validate({"path": tmp_path / "c.ifc"} | settings).read(ROOT, BOX)
