"""The ground of a city's cells: from contours or rasters, made fit for water."""
