-- The cells table: one row a cell, one column a layer.
-- Needs: lattice (position, cell, row, col, area, ground_elevation, class sums), cell_buildings, cell_streets.
CREATE OR REPLACE TABLE cells AS
SELECT
    l.cell,
    l.row,
    l.col,
    l.area,
    l.ground_elevation,
    least(1.0, coalesce(b.building_area, 0.0) / l.area) AS building_cover,
    coalesce(b.building_area, 0.0) AS building_area,
    coalesce(b.floor_area, 0.0) AS floor_area,
    coalesce(b.people, 0.0) AS people,
    1.0 AS people_assumed,
    l.manning,
    l.pervious_share,
    l.water_share,
    coalesce(s.street_length, 0.0) AS street_length
FROM lattice AS l
LEFT JOIN cell_buildings AS b ON b.cell = l.position
LEFT JOIN cell_streets AS s ON s.cell = l.position
ORDER BY l.row, l.col;
DROP TABLE lattice;
DROP TABLE cell_buildings;
DROP TABLE cell_streets;
