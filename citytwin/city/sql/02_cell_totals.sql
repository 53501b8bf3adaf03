-- Buildings into cells by exact shares of their footprint, streets by length.
-- Needs: buildings (area, floor_area, people), building_cells, road_cells (item, cell, amount).
CREATE OR REPLACE TABLE cell_buildings AS
WITH numbered AS (
    SELECT row_number() OVER (ORDER BY id) - 1 AS item, area, floor_area, people FROM buildings
)
SELECT
    s.cell,
    sum(s.amount ORDER BY s.item) AS building_area,
    sum(n.floor_area * s.amount / n.area ORDER BY s.item) AS floor_area,
    sum(n.people * s.amount / n.area ORDER BY s.item) AS people
FROM building_cells AS s
JOIN numbered AS n USING (item)
GROUP BY s.cell;

CREATE OR REPLACE TABLE cell_streets AS
SELECT cell, sum(amount ORDER BY item) AS street_length FROM road_cells GROUP BY cell;
