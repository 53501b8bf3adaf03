"""A town that the tests of refresh may spoil."""

from pathlib import Path

import pytest
from town import Town, make_town

from citytwin.refresh.job import Refreshed


@pytest.fixture(scope="session")
def first(tile_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, Refreshed]:
    """A town that was published once, and what that said. Copy it before you change it."""
    town = make_town(tile_recipe, tmp_path_factory.mktemp("first"))
    return town, town.refresh()


@pytest.fixture
def town(first: tuple[Town, Refreshed], tmp_path: Path) -> Town:
    """A published town of one's own."""
    return first[0].copy(tmp_path)
