"""Metadata of an export: STAC, DCAT, README and manifest name every file and every source."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pystac
import pytest
from jsonschema import Draft7Validator
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.table import TableExtension
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource

from citytwin.city import City
from citytwin.export import Exported, export
from citytwin.export.dates import content_dates, parse_date
from tests.unit.test_export_tables import changed


@pytest.fixture(scope="module")
def exported(city: City, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(city, tmp_path_factory.mktemp("metadata") / "out", formats=("all",))


@pytest.fixture(scope="module")
def catalogue(exported: Exported) -> dict[str, Any]:
    return dict(json.loads((exported.folder / "dcat.jsonld").read_text(encoding="utf-8")))


def test_stac_is_valid_by_the_published_schemas(exported: Exported) -> None:
    schemas = get_local_schema_cache()
    registry = Registry().with_resources(
        [(address, Resource.from_contents(schema)) for address, schema in schemas.items()]
    )
    names = {"Catalog": "catalog", "Collection": "collection", "Feature": "item"}
    seen = set()
    for path in sorted((exported.folder / "stac").rglob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        kind = names[content["type"]]
        (schema,) = (
            v for k, v in schemas.items() if k.endswith(f"{kind}-spec/json-schema/{kind}.json")
        )
        errors = list(Draft7Validator(schema, registry=registry).iter_errors(content))
        assert errors == [], path.name
        seen.add(kind)
    assert seen == set(names.values())


def test_stac_leads_to_every_file(exported: Exported, city: City) -> None:
    catalog = pystac.Catalog.from_file(exported.folder / "stac" / "catalog.json")
    (collection,) = catalog.get_children()
    assert isinstance(collection, pystac.Collection)
    assert collection.license == "ODbL-1.0"
    assert collection.extent.spatial.bboxes == [list(city.bounds)]
    (provider,) = collection.providers
    assert "OpenStreetMap" in provider.name
    found = {}
    for item in catalog.get_items(recursive=True):
        assert item.get_collection().id == city.name
        for asset in item.assets.values():
            place = (Path(item.get_self_href()).parent / asset.href).resolve()
            found[place.relative_to(exported.folder.resolve()).as_posix()] = asset
    assert sorted(found) == sorted(file.path for file in exported.files)
    for file in exported.files:
        asset = found[file.path]
        content = (exported.folder / file.path).read_bytes()
        assert FileExtension.ext(asset).size == len(content)
        assert FileExtension.ext(asset).checksum == "1220" + hashlib.sha256(content).hexdigest()
        assert ProjectionExtension.ext(asset).code == file.crs
    table = TableExtension.ext(found["geoparquet/buildings.parquet"])
    assert table.row_count == city.counts["buildings"]
    assert {column.name for column in table.columns} == set(city.table("buildings")) - {"geometry"}
    (band,) = found["cog/people.tif"].extra_fields["bands"]
    assert (band["unit"], band["nodata"]) == ("1/m2", "nan")


def test_dcat_names_files_and_sources(
    exported: Exported, catalogue: dict[str, Any], city: City
) -> None:
    dataset = catalogue["dcat:dataset"]
    distributions = {d["dcat:downloadURL"]["@id"]: d for d in dataset["dcat:distribution"]}
    assert sorted(distributions) == sorted(file.path for file in exported.files)
    for file in exported.files:
        one = distributions[file.path]
        assert one["spdx:checksum"]["spdx:checksumValue"]["@value"] == file.sha256
        assert one["dcat:byteSize"]["@value"] == str(file.size)
        assert one["dct:conformsTo"]["@id"].endswith("/EPSG/0/" + file.crs.removeprefix("EPSG:"))
        assert [node["rdfs:label"] for node in one["dct:license"]] == ["ODbL-1.0"]
        assert one["dct:rights"]["rdfs:label"] == city.attribution
    sources = {source["dct:title"]: source for source in dataset["prov:wasDerivedFrom"]}
    assert sorted(sources) == [row["path"] for row in city.sources]
    for row in city.sources:
        checksum = sources[row["path"]]["dcat:distribution"]["spdx:checksum"]
        assert checksum["spdx:checksumValue"]["@value"] == row["sha256"]
    assert dataset["dct:spatial"]["dcat:bbox"]["@value"].startswith("POLYGON")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_dcat_is_linked_data(exported: Exported, catalogue: dict[str, Any]) -> None:
    """Every prefix that is used is declared, so that nothing has to be fetched to read it."""
    declared = set(catalogue["@context"])
    used = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if not key.startswith("@"):
                    used.add(key.split(":")[0])
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk({key: value for key, value in catalogue.items() if key != "@context"})
    assert used <= declared
    rdflib = pytest.importorskip("rdflib", reason="rdflib is not installed")
    graph = rdflib.Graph().parse(exported.folder / "dcat.jsonld", format="json-ld")
    rows = graph.query(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
        "SELECT ?url WHERE { ?set a dcat:Dataset ; dcat:distribution ?one . "
        "?one dcat:downloadURL ?url ; dct:license <https://spdx.org/licenses/ODbL-1.0> ; "
        "dcat:byteSize ?size . }"
    )
    assert len({row.url for row in rows}) == len(exported.files)


def test_manifest_lists_every_file(exported: Exported) -> None:
    manifest = json.loads((exported.folder / "manifest.json").read_text(encoding="utf-8"))
    found = [
        p.relative_to(exported.folder).as_posix() for p in exported.folder.rglob("*") if p.is_file()
    ]
    assert sorted(manifest["written"]) == sorted(found)
    for file in manifest["files"]:
        content = (exported.folder / file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()


def test_readme_says_it_in_words(exported: Exported, city: City) -> None:
    text = (exported.folder / "README.txt").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in text
    assert "ODbL-1.0" in text
    assert city.fingerprint in text
    for file in exported.files:
        assert file.path in text
    for row in city.sources:
        assert row["path"] in text


def test_no_path_of_this_machine(exported: Exported, city: City) -> None:
    for path in [*exported.folder.glob("*.*"), *(exported.folder / "stac").rglob("*.json")]:
        text = path.read_text(encoding="utf-8")
        assert str(exported.folder) not in text
        assert not re.search(r'"/|file://', text)


def test_sources_with_dates_and_other_licences(tile_file: Path, tmp_path: Path) -> None:
    path = changed(
        tile_file,
        tmp_path,
        "UPDATE sources SET date = '2025-02-11'",
        "INSERT INTO sources SELECT * REPLACE ('人口.csv' AS path, 'terms of the city' AS licence, "
        "'市統計局' AS attribution, '2024-06' AS date) FROM sources LIMIT 1",
    )
    with City.open(path) as opened:
        done = export(opened, tmp_path / "out", layers=("landuse",))
        dates = content_dates(opened)
    assert dates.stated
    collection = json.loads((done.folder / "stac" / "collection.json").read_text(encoding="utf-8"))
    assert collection["license"] == "other"
    assert collection["extent"]["temporal"]["interval"] == [
        ["2024-06-01T00:00:00Z", "2025-02-11T00:00:00Z"]
    ]
    assert "市統計局" in [provider["name"] for provider in collection["providers"]]
    catalogue = json.loads((done.folder / "dcat.jsonld").read_text(encoding="utf-8"))
    labels = {node["rdfs:label"]: node for node in catalogue["dcat:dataset"]["dct:license"]}
    assert sorted(labels) == ["ODbL-1.0", "terms of the city"]
    assert "@id" not in labels["terms of the city"]
    text = (done.folder / "README.txt").read_text(encoding="utf-8")
    assert "2024-06-01 to 2025-02-11" in text
    assert "市統計局" in text


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-02-11", datetime(2025, 2, 11, tzinfo=UTC)),
        (" 2024-06 and later", datetime(2024, 6, 1, tzinfo=UTC)),
        ("2020", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2025-02-11T20:21:02Z", datetime(2025, 2, 11, tzinfo=UTC)),
        ("2025-13-40", None),
        ("not stated in the package", None),
        ("20250211", None),
        ("", None),
    ],
)
def test_dates(text: str, date: datetime | None) -> None:
    assert parse_date(text) == date
