"""Plug-ins by name: found without a list, refused with one clear sentence."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from citytwin.errors import InputError, UnknownNameError
from citytwin.registry import Registry, hazards, sources


@pytest.fixture
def registry() -> Registry[Any]:
    """A registry of things that no other test fills."""
    return Registry("hazard", "citytwin.hazards")


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that the registries search; what it brought is forgotten afterwards."""
    monkeypatch.setenv("CITYTWIN_PLUGINS", str(tmp_path))
    known = dict(hazards._classes)
    modules = set(sys.modules)
    yield tmp_path
    hazards._classes.clear()
    hazards._classes.update(known)
    for name in set(sys.modules) - modules:
        if name.startswith("citytwin_plugin_"):
            del sys.modules[name]


PLUGIN = """
from citytwin.registry import hazards

@hazards.register
class {title}:
    name = "{name}"
"""


def test_ours_are_found_by_themselves() -> None:
    assert "flood" in hazards.names()
    assert "vector_tiles" in sources.names()
    assert hazards.get("flood").__name__ == "Flood"
    assert hazards.names() == sorted(hazards.names())


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError) as caught:
        hazards.get("floood")
    assert "no hazard called 'floood'" in str(caught.value)
    assert "flood" in str(caught.value)
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, InputError)


def test_a_file_in_a_plugin_folder_is_enough(plugins: Path) -> None:
    (plugins / "hail.py").write_text(PLUGIN.format(title="Hail", name="hail"))
    assert "hail" in hazards.names()
    first = hazards.get("hail")
    assert hazards.get("hail") is first, "a plug-in is imported once"


def test_two_plugins_of_one_name_are_refused(plugins: Path) -> None:
    (plugins / "one.py").write_text(PLUGIN.format(title="One", name="storm"))
    (plugins / "two.py").write_text(PLUGIN.format(title="Two", name="storm"))
    with pytest.raises(InputError, match=r"two hazards are called 'storm' .* rename one of them"):
        hazards.names()


def test_a_plugin_cannot_take_the_place_of_ours(plugins: Path) -> None:
    (plugins / "mine.py").write_text(PLUGIN.format(title="Flood", name="flood"))
    before = hazards._classes.get("flood")
    with pytest.raises(InputError, match="two hazards are called 'flood'"):
        hazards.names()
    assert hazards._classes.get("flood") is before


@pytest.mark.parametrize(
    "text", ["import no_such_module_at_all", "x = (", "raise RuntimeError('broken')"]
)
def test_a_broken_plugin_is_named(plugins: Path, text: str) -> None:
    (plugins / "broken.py").write_text(text)
    for _ in range(2):
        with pytest.raises(InputError, match=r"the plug-in .*broken\.py does not import") as caught:
            hazards.names()
        assert "\n" not in str(caught.value)


def test_entry_points_are_loaded_once(
    registry: Registry[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        value = "some.package:Quake"
        loaded = 0

        def load(self) -> None:
            type(self).loaded += 1
            quake = type("Quake", (), {"name": "quake"})
            registry.register(quake)

    groups = []

    def points(group: str) -> list[Point]:
        groups.append(group)
        return [Point()]

    monkeypatch.setattr("citytwin.registry.entry_points", points)
    assert "quake" in registry.names()
    assert registry.get("quake").name == "quake"
    assert Point.loaded == 1
    assert set(groups) == {"citytwin.hazards"}


def test_a_class_that_is_registered_again_stays(registry: Registry[Any]) -> None:
    quake = type("Quake", (), {"name": "quake"})
    assert registry.register(quake) is quake
    assert registry.register(quake) is quake
    assert "quake" in registry.names()
