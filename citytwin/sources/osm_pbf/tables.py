"""Rows to tables: batches of rows become geometry at once, and only what meets the box stays."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citytwin.city.schema import LAYERS, POINT
from citytwin.sources.base import Box
from citytwin.sources.osm_pbf.geometry import from_wkb, in_box, points_of
from citytwin.sources.osm_pbf.rules import Row, Rule

#: Rows that become geometry together; it bounds the memory of what lies outside the box.
BATCH = 50_000
#: One-way is a sign (1, 0, −1) until the line is turned.
TYPES = {"text": "str", "number": "float64", "yes/no": "int8"}


class Collector:
    """Rows of one layer.

    Parameters
    ----------
    rule
        Rule that makes the rows.
    box
        West, south, east, north [degrees] that a row must meet.
    """

    def __init__(self, rule: Rule, box: Box) -> None:
        self.rule = rule
        self._box = box
        self._dimension = LAYERS[rule.layer].dimension
        self._ids: list[str] = []
        self._wkb: list[str] = []
        self._rows: list[Row] = []
        self._refs: list[list[int]] = []
        self._tables: list[gpd.GeoDataFrame] = []

    def add(self, source_id: str, wkb: str, row: Row, refs: list[int] | None = None) -> None:
        """Add a row.

        Parameters
        ----------
        source_id
            Its name in the source.
        wkb
            Geometry as hexadecimal WKB; a closed line counts as a ring in layers of areas.
        row
            Values of the rule's columns.
        refs
            Ids of the nodes of a line, one for each vertex; for all rows or for none.
        """
        self._ids.append(source_id)
        self._wkb.append(wkb)
        self._rows.append(row)
        if refs is not None:
            self._refs.append(refs)
        if len(self._ids) >= BATCH:
            self._flush()

    def table(self) -> gpd.GeoDataFrame:
        """All rows that meet the box, in the order in which they came, in EPSG:4326."""
        if self._ids or not self._tables:
            self._flush()
        if len(self._tables) == 1:
            return self._tables[0]
        return pd.concat(self._tables, ignore_index=True)

    def _flush(self) -> None:
        whole = from_wkb(self._wkb, self._dimension)
        cut, meets = in_box(whole, self._box)
        # Lines with nodes keep a vertex for each node; they are cut after they were split.
        geometry = whole if self._refs else cut
        index = np.flatnonzero(meets).tolist()
        geometry = geometry[meets]
        if self._dimension == POINT:
            geometry = points_of(geometry)
        columns: dict[str, Any] = {
            "source_id": pd.Series([self._ids[i] for i in index], dtype="str")
        }
        for position, name in enumerate(self.rule.columns):
            kind = TYPES[LAYERS[self.rule.layer].columns[name].kind]
            columns[name] = pd.Series([self._rows[i][position] for i in index], dtype=kind)
        if self._refs:
            columns["refs"] = pd.Series(
                [np.array(self._refs[i], dtype=np.int64) for i in index], dtype=object
            )
        self._tables.append(gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326"))
        self._ids, self._wkb, self._rows, self._refs = [], [], [], []
