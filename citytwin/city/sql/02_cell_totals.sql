-- Buildings into cells by exact shares of their footprint, streets by length.
-- One thread reads building_cells and road_cells in the order of their items, so the sums are the same each time;
-- ORDER BY inside sum() would take twenty times as long.
-- Needs: buildings (area, floor_area, people), building_cells, road_cells (item, cell, amount).
CREATE OR REPLACE TABLE cell_buildings AS
WITH numbered AS (
    SELECT row_number() OVER (ORDER BY id) - 1 AS item, area, floor_area, people FROM buildings
)
SELECT
    s.cell,
    sum(s.amount) AS building_area,
    sum(n.floor_area * s.amount / n.area) AS floor_area,
    sum(n.people * s.amount / n.area) AS people
FROM building_cells AS s
JOIN numbered AS n USING (item)
GROUP BY s.cell;

CREATE OR REPLACE TABLE cell_streets AS
SELECT cell, sum(amount) AS street_length FROM road_cells GROUP BY cell;
