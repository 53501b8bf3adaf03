"""The commands of citytwin."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from citytwin.build import build as build_city
from citytwin.city import City
from citytwin.cli import words
from citytwin.cli.console import Voice
from citytwin.cli.launch import launch_app
from citytwin.cli.share import share
from citytwin.errors import BalanceError, CityTwinError, InputError
from citytwin.hazards.base import Site
from citytwin.hazards.base import verify as verify_cases
from citytwin.registry import hazards as registered
from citytwin.scenario import Results, Scenario
from citytwin.scenario import run as run_scenario

EMBEDDED = "san-francisco"
#: Exit code after Ctrl-C.
_STOPPED = 130
#: A mistake in the words of a command: click's exception, or that of typer's own copy of click.
_WORDS_ERROR: Any = typer.BadParameter.__mro__[2]

commands = typer.Typer(
    help="A city digital sandbox: open geodata to a city of H3 cells, hazards on it, in 3D.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Workspace = Annotated[
    Path,
    typer.Option(
        "--workspace",
        envvar="CITYTWIN_WORKSPACE",
        help="Folder of cities and runs.",
    ),
]
WORKSPACE = Path("citytwin-workspace")
CityFile = Annotated[
    Path | None,
    typer.Option("--city", help="City file; the workspace's only city if left out."),
]


@commands.command()
def demo(
    workspace: Workspace = WORKSPACE,
    no_app: Annotated[bool, typer.Option("--no-app", help="Stop before the 3D sandbox.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build the embedded city, run a cloudburst on it, say what happened, open the 3D sandbox."""
    voice = Voice(as_json=as_json)
    with _built(share("pipelines", f"{EMBEDDED}.toml"), None, workspace, voice) as city:
        _say(voice, words.city_lines(city))
        voice.say()
        results = _run(share("pipelines", "scenarios", "cloudburst.toml"), city, workspace, voice)
        _say(voice, words.run_lines(results))
        voice.give({**words.city_facts(city), "run": words.run_facts(results)})
        path = city.path
    if not no_app:
        launch_app(path, workspace, port=None, browser=True)


@commands.command()
def build(
    recipe: Annotated[Path, typer.Argument(help="Recipe of the city (TOML).")],
    output: Annotated[Path | None, typer.Option(help="City file to write.")] = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Build a city file from a recipe; the file appears whole or not at all."""
    voice = Voice(as_json=as_json)
    with _built(recipe, output, workspace, voice) as city:
        _say(voice, words.city_lines(city))
        voice.say(f"Written     {city.path}")
        voice.give(words.city_facts(city))


@commands.command()
def run(
    scenario: Annotated[Path, typer.Argument(help="Scenario (TOML).")],
    city: CityFile = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Run a scenario on a city; the same physics is not run twice."""
    voice = Voice(as_json=as_json)
    with City.open(_city_file(city, workspace)) as opened:
        results = _run(scenario, opened, workspace, voice)
        _say(voice, words.run_lines(results))
        voice.give(words.run_facts(results))


@commands.command()
def app(
    city: Annotated[Path | None, typer.Argument(help="City file.")] = None,
    workspace: Workspace = WORKSPACE,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; a free one if left out.")
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
) -> None:
    """Open the 3D sandbox of a city in the browser."""
    path = _city_file(city, workspace)
    City.open(path).close()
    launch_app(path, workspace, port=port, browser=not no_browser)


@commands.command()
def verify(
    model: Annotated[str | None, typer.Argument(help="Hazard; all if left out.")] = None,
    city: CityFile = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Check the models' numbers on this machine; cases on a real city run if there is one."""
    voice = Voice(as_json=as_json)
    site = _site(city, workspace)
    facts: list[dict[str, Any]] = []
    for name in [model] if model else registered.names():
        cases = registered.get(name).verification()
        voice.say(f"{name}" if cases else f"{name}: not verified, it has no cases")
        for case in cases:
            for outcome in verify_cases((case,), site):
                facts.append(words.verified_facts(name, outcome))
                voice.say(words.verified_line(outcome))
    passed = all(fact["passed"] for fact in facts)
    if site is None:
        voice.say("The cases on a real city were left out: name one with --city.")
    where = site.name if site else None
    voice.give({"passed": passed, "site": where, "cases": facts})
    if not passed:
        raise typer.Exit(1)


@commands.command()
def bench(
    model: Annotated[str, typer.Argument(help="Hazard.")],
    cells: Annotated[
        int, typer.Option(min=10_000, max=50_000_000, help="Number of cells, all wet.")
    ] = 2_000_000,
    as_json: AsJson = False,
) -> None:
    """Measure a hazard's kernel against the memory bandwidth of this machine."""
    voice = Voice(as_json=as_json)
    facts = registered.get(model).benchmark(cells)
    for name, value in facts.items():
        voice.say(f"{name:<26} {value:,.3g}" if isinstance(value, float) else f"{name:<26} {value}")
    voice.give(facts)


@commands.command()
def hazards(as_json: AsJson = False) -> None:
    """List the hazards and their parameters."""
    voice = Voice(as_json=as_json)
    facts = []
    for name in registered.names():
        model = registered.get(name)
        voice.say(f"{name}: {model.title}{'' if model.verified else ' (not verified)'}")
        schema = model.model_json_schema()
        for field, about in schema.get("properties", {}).items():
            unit = f" [{about['unit']}]" if about.get("unit") not in (None, "", "1") else ""
            voice.say(f"  {field}{unit} = {about.get('default')}: {about.get('description', '')}")
        facts.append({"name": name, "title": model.title, "schema": schema})
    voice.give({"hazards": facts})


@commands.command()
def info(
    city: Annotated[Path | None, typer.Argument(help="City file.")] = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Say what a city file holds and where it comes from."""
    voice = Voice(as_json=as_json)
    with City.open(_city_file(city, workspace)) as opened:
        _say(voice, words.city_lines(opened))
        for row in opened.sources:
            voice.say(f"Source      {row['path']}  {row['licence']}  sha256 {row['sha256'][:16]}")
        voice.give({**words.city_facts(opened), "sources": opened.sources})


def main() -> None:
    """Run the command line; a person's mistake ends in one sentence and exit code 2."""
    try:
        code = commands(standalone_mode=False)
    except _WORDS_ERROR as error:
        error.show()
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        code = _STOPPED
    except BalanceError as error:
        sys.stderr.write(f"citytwin: {error}\n")
        sys.exit(1)
    except CityTwinError as error:
        sys.stderr.write(f"citytwin: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    if code == _STOPPED:
        sys.stderr.write("citytwin: stopped; nothing was left half-written\n")
    sys.exit(code if isinstance(code, int) else 0)


def _built(recipe: Path, output: Path | None, workspace: Path, voice: Voice) -> City:
    target = output or workspace / "cities" / f"{recipe.stem}.duckdb"
    with voice.task("build") as task:
        return build_city(recipe, target, progress=task.step)


def _run(scenario: Path, city: City, workspace: Path, voice: Voice) -> Results:
    loaded = Scenario.load(scenario)
    with voice.task("run") as task:
        return run_scenario(loaded, city, runs=workspace / "runs", progress=task.share)


def _say(voice: Voice, lines: Any) -> None:
    for line in lines:
        voice.say(line)


def _city_file(city: Path | None, workspace: Path) -> Path:
    if city is not None:
        return city
    found = sorted((workspace / "cities").glob("*.duckdb"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(
            f"there is no city in {workspace / 'cities'}: build one with 'citytwin build RECIPE'"
        )
    names = ", ".join(path.name for path in found)
    raise InputError(f"{workspace / 'cities'} holds several cities ({names}): name one")


def _site(city: Path | None, workspace: Path) -> Site | None:
    try:
        path = _city_file(city, workspace)
    except InputError:
        return None
    with City.open(path) as opened:
        layers = {name: opened.layers[name] for name in opened.layers}
        return Site(opened.title, opened.grid, layers)
