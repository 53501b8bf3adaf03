"""What covers the ground of a city's cells: polygons and streets, or a raster."""
