"""The projected plane of rasters and 3D buildings: the zone of UTM in which the city lies."""

Box = tuple[float, float, float, float]


def utm(bounds: Box) -> int:
    """EPSG code of the UTM zone of a box's centre on WGS 84; near the poles that of UPS.

    Parameters
    ----------
    bounds
        West, south, east, north [degrees].
    """
    west, south, east, north = bounds
    longitude, latitude = (west + east) / 2.0, (south + north) / 2.0
    if latitude >= 84.0:
        return 32661
    if latitude < -80.0:
        return 32761
    zone = int((longitude + 180.0) // 6.0) % 60 + 1
    return (32600 if latitude >= 0.0 else 32700) + zone
