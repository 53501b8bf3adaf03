-- Heights, levels and floor area of buildings, and where each figure is from.
-- Needs: buildings (height, levels, kind, geometry), footprints (id, area), part_tops (id, top, most),
-- building_kinds (kind, home_share), grounds (geometry): land without homes, where a building of no stated
-- kind is not one. Unknown numbers are NULL.
-- Variables: storey_height [m], default_height [m], smallest_home [m2].
CREATE OR REPLACE TABLE buildings AS
WITH measured AS (
    SELECT
        b.* EXCLUDE (height, levels, geometry),
        CASE WHEN isnan(b.height) THEN NULL ELSE b.height END AS given_height,
        CASE WHEN isnan(b.levels) THEN NULL ELSE b.levels END AS given_levels,
        CASE WHEN isnan(p.top) THEN NULL ELSE p.top END AS part_height,
        CASE WHEN isnan(p.most) THEN NULL ELSE p.most END AS part_levels,
        f.area,
        b.geometry
    FROM buildings AS b
    JOIN footprints AS f USING (id)
    LEFT JOIN part_tops AS p USING (id)
),
tall AS (
    SELECT
        * EXCLUDE (given_height, given_levels, part_height, part_levels),
        coalesce(given_levels, part_levels) AS told_levels,
        coalesce(
            given_height,
            part_height,
            coalesce(given_levels, part_levels) * getvariable('storey_height'),
            getvariable('default_height')
        )::DOUBLE AS height,
        CASE
            WHEN given_height IS NOT NULL THEN 'source'
            WHEN part_height IS NOT NULL THEN 'parts'
            WHEN coalesce(given_levels, part_levels) IS NOT NULL THEN 'levels'
            ELSE 'assumed'
        END AS height_from
    FROM measured
),
storeys AS (
    SELECT
        * EXCLUDE (told_levels),
        greatest(1, round(coalesce(
            told_levels,
            (height - coalesce(min_height, 0.0)) / getvariable('storey_height')
        )))::INTEGER AS levels,
        CASE
            WHEN told_levels IS NOT NULL THEN 'source'
            WHEN height_from = 'assumed' THEN 'assumed'
            ELSE 'height'
        END AS levels_from
    FROM tall
),
elsewhere AS (
    SELECT DISTINCT s.id
    FROM storeys AS s
    JOIN grounds AS g ON ST_Within(ST_PointOnSurface(s.geometry), g.geometry)
    WHERE s.kind IN ('', 'building', 'yes')
)
SELECT
    s.* EXCLUDE (geometry),
    s.area * s.levels AS floor_area,
    CASE WHEN s.area < getvariable('smallest_home') OR e.id IS NOT NULL THEN 0.0
         ELSE coalesce(k.home_share, o.home_share, 0.0) END AS home_share,
    s.geometry
FROM storeys AS s
LEFT JOIN elsewhere AS e ON e.id = s.id
LEFT JOIN building_kinds AS k ON k.kind = s.kind
LEFT JOIN building_kinds AS o ON o.kind = '*'
ORDER BY s.id;
