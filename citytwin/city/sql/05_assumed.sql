-- Columns that say how much of each cell rests on assumption, beside the others.
-- Needs: cells, assumed (one row a cell, in the order of the cells).
CREATE OR REPLACE TABLE cells AS
SELECT c.*, a.* FROM (SELECT * FROM cells ORDER BY row, col) AS c POSITIONAL JOIN assumed AS a;
DROP TABLE assumed;
