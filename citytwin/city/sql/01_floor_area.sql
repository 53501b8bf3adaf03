-- Levels and floor area of buildings.
-- Needs: buildings (height, kind, geometry), footprints (id, area), building_kinds (kind, home_share),
-- grounds (geometry): land without homes, where a building of no stated kind is not one.
-- Variables: storey_height [m], default_height [m], smallest_home [m2], floor_area_per_person [m2].
CREATE OR REPLACE TABLE buildings AS
WITH levelled AS (
    SELECT
        b.* EXCLUDE (height, geometry),
        coalesce(nullif(b.height, 0.0), getvariable('default_height')) AS height,
        b.height IS NULL OR b.height = 0.0 AS height_assumed,
        f.area,
        b.geometry
    FROM buildings AS b
    JOIN footprints AS f USING (id)
),
storeys AS (
    SELECT
        *,
        greatest(1, round((height - coalesce(min_height, 0.0)) / getvariable('storey_height')))::INTEGER AS levels
    FROM levelled
),
elsewhere AS (
    SELECT DISTINCT s.id
    FROM storeys AS s
    JOIN grounds AS g ON ST_Within(ST_PointOnSurface(s.geometry), g.geometry)
    WHERE s.kind IN ('', 'building')
),
homes AS (
    SELECT
        s.*,
        s.area * s.levels AS floor_area,
        CASE WHEN s.area < getvariable('smallest_home') OR e.id IS NOT NULL THEN 0.0
             ELSE coalesce(k.home_share, o.home_share, 0.0) END AS home_share
    FROM storeys AS s
    LEFT JOIN elsewhere AS e ON e.id = s.id
    LEFT JOIN building_kinds AS k ON k.kind = s.kind
    LEFT JOIN building_kinds AS o ON o.kind = '*'
)
SELECT
    * EXCLUDE (geometry, home_share),
    home_share,
    floor_area * home_share / getvariable('floor_area_per_person') AS people,
    geometry
FROM homes
ORDER BY id;
DROP TABLE footprints;
DROP TABLE grounds;
