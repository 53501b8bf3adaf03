-- Sums on cells beside the lattice's own columns: one row a cell, one column a layer.
-- Needs: lattice (position, cell, row, col, area and all layers that are not sums), cell_buildings, cell_streets.
CREATE OR REPLACE TABLE cells AS
SELECT
    l.* EXCLUDE (position, people_elsewhere),
    least(1.0, coalesce(b.building_area, 0.0) / l.area) AS building_cover,
    coalesce(b.building_area, 0.0) AS building_area,
    coalesce(b.floor_area, 0.0) AS floor_area,
    coalesce(b.people, 0.0) + l.people_elsewhere AS people,
    coalesce(s.street_length, 0.0) AS street_length
FROM lattice AS l
LEFT JOIN cell_buildings AS b ON b.cell = l.position
LEFT JOIN cell_streets AS s ON s.cell = l.position
ORDER BY l.row, l.col;
DROP TABLE lattice;
DROP TABLE cell_buildings;
DROP TABLE cell_streets;
