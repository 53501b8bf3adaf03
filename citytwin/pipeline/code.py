"""Version of our code as far as it decides a result: the sources of a module and all it imports."""

import hashlib
import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_IMPORT = re.compile(
    r"^[ \t]*(?:from\s+(citytwin[\w.]*)\s+import\s+(\([^)]*\)|[^\n]+)|import\s+(citytwin[\w.]*))",
    re.MULTILINE,
)
#: Modules behind names that a package imports when they are first used.
_LAZY = re.compile(r'"(citytwin[\w.]+)"')
#: Libraries whose results go into a city.
_LIBRARIES = (
    "duckdb",
    "geopandas",
    "h3",
    "mapbox-vector-tile",
    "numba",
    "numpy",
    "osmium",
    "pandas",
    "pyarrow",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
)


@cache
def code_version(module: str) -> str:
    """Hash over the source of a module of ours, of every module of ours that it imports, and SQL.

    Parameters
    ----------
    module
        Name of the module, for example ``citytwin.pipeline.ground.contours``; of a module from
        elsewhere, such as a plug-in, its own file counts and what it imports of ours.
    """
    digest = hashlib.sha256()
    for path in sorted(_closure(module)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@cache
def library_versions() -> dict[str, str]:
    """Version of every library whose results go into a city; empty where one is not installed."""
    return {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _closure(module: str) -> set[Path]:
    """Files of a module and of all that it imports, and the SQL that they may run."""
    found: set[Path] = set()
    todo = [module]
    while todo:
        for path in _files(todo.pop()):
            if path not in found:
                found.add(path)
                todo += _imports(path)
    sql = _PACKAGE / "city" / "sql"
    return found | (set(sql.glob("*.sql")) if any(p.name == "store.py" for p in found) else set())


def _files(module: str) -> list[Path]:
    """The file of a module or package; none if the name is something inside a module of ours.

    Packages above a module only give names to what lies in them, so they do not count.
    """
    if module.split(".", maxsplit=1)[0] != _PACKAGE.name:
        file = getattr(sys.modules.get(module), "__file__", None)
        return [Path(file)] if file else []
    base = _PACKAGE.joinpath(*module.split(".")[1:])
    return [path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()]


@cache
def _imports(path: Path) -> list[str]:
    """Names of ours that a file imports; a name may also be something inside a module."""
    text = path.read_text(encoding="utf-8")
    names = []
    for match in _IMPORT.finditer(text):
        base = match.group(1) or match.group(3)
        inside = re.findall(r"\w+", match.group(2) or "")
        names += [base, *(f"{base}.{name}" for name in inside)]
    return names + (_LAZY.findall(text) if "lazily(" in text else [])
