"""Ready-made scenarios: those that travel with citytwin, and files of the workspace's own folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import store
from said import say
from texts import TEXTS, translate

from citytwin.cli.share import share
from citytwin.ensemble.plan import Ensemble, Plan
from citytwin.ensemble.varying import source_of
from citytwin.errors import CityTwinError
from citytwin.scenario import Scenario
from citytwin.scenario.chain import ENSEMBLE, Chain, without_ensemble
from citytwin.scenario.scenario import read_toml

#: Folder of the workspace whose files are offered, too.
FOLDER = "scenarios"


@dataclass(frozen=True, eq=False)
class Ready:
    """A scenario that is only to be chosen.

    Attributes
    ----------
    key
        Its name among all; another one when the file was changed.
    path
        Of its file.
    own
        Whether it lies in the workspace.
    source
        What happens; none if the file cannot be used.
    plan
        What is uncertain in it; none where the file does not say.
    problem
        What is wrong with the file; empty if nothing is.
    """

    key: str
    path: Path
    own: bool
    source: Scenario | Chain | None = None
    plan: Plan | None = None
    problem: str = ""

    def title(self, language: str) -> str:
        """What people call it."""
        known = f"ready.{self.path.stem}"
        if not self.own and language == "zh" and known in TEXTS:
            return translate(known, language)
        if self.source is None:
            return self.path.name
        return self.source.name or self.path.stem

    def label(self, language: str) -> str:
        """Its title, and whether it has several steps or cannot be used."""
        title = self.title(language)
        if self.source is None:
            return translate("ready.unusable", language, title=title)
        if isinstance(self.source, Chain):
            return translate("ready.chain", language, title=title, steps=len(self.source.steps))
        return title

    def complaint(self, language: str) -> str:
        """Why it cannot be used, and what helps, in one sentence."""
        what = say(self.problem, language).rstrip(".。")
        return translate("ready.problem", language, file=self.path.name, what=what)


def ready() -> dict[str, Ready]:
    """All of them by key: those of citytwin first, each folder by name."""
    return {found.key: found for found in _all()}


def called(name: str, language: str) -> str:
    """A name that citytwin's own scenarios have, in the reader's language; any other as it is."""
    for one in ready().values():
        if not one.own and name in (one.title("en"), one.title("zh")):
            return one.title(language)
    return name


def _all() -> Iterator[Ready]:
    try:
        travelling = share("pipelines", "scenarios")
    except CityTwinError:
        travelling = None
    for folder, own in ((travelling, False), (store.workspace() / FOLDER, True)):
        for path in sorted(folder.glob("*.toml")) if folder else ():
            try:
                yield _read(path, path.stat().st_mtime_ns, own=own)
            except OSError:
                continue  # it went in this moment


@lru_cache(maxsize=256)
def _read(path: Path, written: int, *, own: bool) -> Ready:
    key = f"{'own' if own else 'ours'}-{path.stem}-{written:x}"
    try:
        table = read_toml(path)
        source = source_of(without_ensemble(table), f"the scenario {path.name}", path.parent)
        return Ready(key, path, own, source, _plan(table, path))
    except CityTwinError as error:
        return Ready(key, path, own, problem=str(error).replace(str(path), path.name))


def _plan(table: dict[str, Any], path: Path) -> Plan | None:
    if ENSEMBLE not in table:
        return None
    return Ensemble.from_table(table, f"the scenario {path.name}", path.parent).plan
