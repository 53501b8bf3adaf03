"""The command that says what in a city can be trusted."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import WORKSPACE, AsJson, Workspace, city_file


class Language(StrEnum):
    """Languages of the report."""

    EN = "en"
    ZH = "zh"


def quality(
    city: Annotated[Path | None, typer.Argument(help="City file.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write one page for people there.")
    ] = None,
    language: Annotated[
        Language, typer.Option(help="Language of the words and of the page.")
    ] = Language.EN,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Say what in a city is real, derived or assumed, how old it is, and what is wrong with it."""
    from datetime import UTC, datetime

    from citytwin.city import City
    from citytwin.city.quality import quality as quality_of
    from citytwin.report import report_lines, write_page

    voice = Voice(as_json=as_json)
    with City.open(city_file(city, workspace)) as opened:
        found = quality_of(opened, datetime.now(UTC).date())
        voice.lines(report_lines(found, language))
        if html is not None:
            write_page(html, found, opened, language)
            voice.say()
            voice.say(f"Written     {html}")
        voice.give({"city": str(opened.path), **found.facts()})
