-- Totals before (from geometry) and after (from cells).
-- Needs: before (name, amount, unit), cells.
CREATE OR REPLACE TABLE totals AS
SELECT b.name, b.amount AS before, a.amount AS after, b.unit
FROM before AS b
JOIN (
    UNPIVOT (
        SELECT
            sum(building_area ORDER BY row, col) AS building_area,
            sum(floor_area ORDER BY row, col) AS floor_area,
            sum(people ORDER BY row, col) AS people,
            sum(street_length ORDER BY row, col) AS street_length
        FROM cells
    ) ON building_area, floor_area, people, street_length INTO NAME name VALUE amount
) AS a USING (name)
ORDER BY b.name;
DROP TABLE before;
