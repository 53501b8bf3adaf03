"""Licences and attributions of a city's sources."""

from typing import Any

from citytwin.city import City

#: Licences of data with an SPDX identifier, which makes their address.
_SPDX = {
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ODC-By-1.0",
    "ODbL-1.0",
    "OGL-UK-3.0",
    "PDDL-1.0",
}


def licences(city: City) -> list[str]:
    """Licences of all sources, each once."""
    return sorted({str(row["licence"]) for row in city.sources})


def attributions(city: City) -> list[str]:
    """Words that must stand beside the data, each once, in the order of the sources."""
    return list(dict.fromkeys(str(row["attribution"]) for row in city.sources))


def licence_node(licence: str) -> dict[str, Any]:
    """Licence for linked data: with its address where SPDX gives it one."""
    node: dict[str, Any] = {"@type": "dct:LicenseDocument", "rdfs:label": licence}
    return {"@id": f"https://spdx.org/licenses/{licence}", **node} if licence in _SPDX else node


def licence_code(names: list[str]) -> str:
    """One word for STAC: the SPDX identifier if there is one licence with one, else ``other``."""
    return names[0] if len(names) == 1 and names[0] in _SPDX else "other"
