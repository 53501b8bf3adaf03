"""Commands about hazards: run, verify, bench, hazards."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import WORKSPACE, AsJson, CityFile, Workspace, city_file
from citytwin.cli.stopping import STOPPED, asked_to_stop
from citytwin.errors import InputError

if TYPE_CHECKING:
    from citytwin.city import City
    from citytwin.hazards.cases import Site, Verification
    from citytwin.scenario import Results


#: Words of ``verify`` for consequences and risk, and for ensembles.
_IMPACT, _ENSEMBLE = "impact", "ensemble"


def run(
    scenario: Annotated[Path, typer.Argument(help="Scenario or chain (TOML).")],
    city: CityFile = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Run a scenario, or a chain of steps, on a city; the same physics is not run twice."""
    from citytwin.city import City
    from citytwin.cli import words
    from citytwin.scenario.chain import is_chain
    from citytwin.scenario.scenario import read_toml

    voice = Voice(as_json=as_json)
    if is_chain(read_toml(scenario)):
        _run_chain(scenario, city_file(city, workspace), workspace, voice)
        return
    with City.open(city_file(city, workspace)) as opened:
        results = ran(scenario, opened, workspace, voice)
        voice.lines(words.run_lines(results))
        voice.give(words.run_facts(results))
    if not results.complete:
        raise typer.Exit(STOPPED)


def _run_chain(path: Path, city: Path, workspace: Path, voice: Voice) -> None:
    """Run the steps of a chain and tell its timeline."""
    from citytwin.city import City
    from citytwin.cli import words
    from citytwin.scenario.chain import Chain
    from citytwin.scenario.chaining import run_chain

    chain = Chain.load(path)
    with City.open(city) as opened, voice.task("run") as task, asked_to_stop() as stopped:
        manifest = run_chain(
            chain,
            opened,
            runs=workspace / "runs",
            folder=workspace / "chains",
            progress=task.share,
            stopped=stopped,
        )
    voice.lines(words.chain_lines(manifest))
    voice.give(manifest)
    if not manifest["complete"]:
        raise typer.Exit(STOPPED)


def verify(
    model: Annotated[
        str | None,
        typer.Argument(help="Hazard, 'impact' or 'ensemble'; all if left out."),
    ] = None,
    city: CityFile = None,
    bench: Annotated[
        Path | None,
        typer.Option(
            envvar="CITYTWIN_BENCH",
            help="Folder of published benchmarks; cases without their files are skipped.",
        ),
    ] = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Check the models' numbers on this machine; cases on a real city run if there is one."""
    from citytwin.cli import words
    from citytwin.cli.published import published_in
    from citytwin.hazards.cases import verify as verify_cases
    from citytwin.registry import hazards as registered

    voice = Voice(as_json=as_json)
    site = _site(city, workspace)
    facts: list[dict[str, Any]] = []
    for name in [model] if model else [*registered.names(), _IMPACT, _ENSEMBLE]:
        cases = _cases(name)
        voice.say(f"{name}" if cases else f"{name}: not verified, it has no cases")
        for case in cases:
            for outcome in verify_cases((case,), site, published_in(bench)):
                facts.append(words.verified_facts(name, outcome))
                voice.say(words.verified_line(outcome))
    passed = not any(fact["passed"] is False for fact in facts)
    if site is None:
        voice.say("The cases on a real city were left out: name one with --city.")
    where = site.name if site else None
    voice.give({"passed": passed, "site": where, "cases": facts})
    if not passed:
        raise typer.Exit(1)


def _cases(name: str) -> "tuple[Verification, ...]":
    """Cases of a hazard with those of its impact, or of impact and risk at large."""
    from citytwin.impact.verification import CASES
    from citytwin.registry import hazards as registered
    from citytwin.registry import impacts

    if name == _IMPACT:
        return CASES
    if name == _ENSEMBLE:
        from citytwin.ensemble.verification import CASES as ENSEMBLES

        return ENSEMBLES
    if name not in registered.names():
        choice = ", ".join([*registered.names(), _IMPACT, _ENSEMBLE])
        raise InputError(f"there is nothing called '{name}' to verify: choose one of {choice}")
    model = registered.get(name)
    own: tuple[Verification, ...] = model.verification()
    known = model.output in impacts.names()
    return own + (impacts.get(model.output).verification() if known else ())


def bench(
    model: Annotated[str, typer.Argument(help="Hazard.")],
    cells: Annotated[
        int, typer.Option(min=10_000, max=50_000_000, help="Number of cells.")
    ] = 2_000_000,
    as_json: AsJson = False,
) -> None:
    """Measure how fast a hazard's kernels are here, the flood's against the memory bandwidth."""
    from citytwin.registry import hazards as registered

    voice = Voice(as_json=as_json)
    facts = registered.get(model).benchmark(cells)
    for name, value in facts.items():
        voice.say(f"{name:<26} {value:,.3g}" if isinstance(value, float) else f"{name:<26} {value}")
    voice.give(facts)


def hazards(as_json: AsJson = False) -> None:
    """List the hazards and their parameters."""
    from citytwin.registry import hazards as registered

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


def ran(scenario: Path, city: "City", workspace: Path, voice: Voice) -> "Results":
    """Run a scenario with progress for people."""
    from citytwin.scenario import Scenario
    from citytwin.scenario import run as run_scenario

    loaded = Scenario.load(scenario)
    with voice.task("run") as task, asked_to_stop() as stopped:
        return run_scenario(
            loaded, city, runs=workspace / "runs", progress=task.share, stopped=stopped
        )


def _site(city: Path | None, workspace: Path) -> "Site | None":
    from citytwin.city import City
    from citytwin.hazards.cases import Site

    try:
        path = city_file(city, workspace)
    except InputError:
        return None
    with City.open(path) as opened:
        layers = {name: opened.layers[name] for name in opened.layers}
        return Site(opened.title, opened.grid, layers)
