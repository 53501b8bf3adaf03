"""The command line: every command, and what its exit code says.

0 done; 1 a result that is not to be trusted; 2 a person's mistake; 3 another process is at it;
130 stopped.
"""

import os
import sys
from typing import Any

import typer

from citytwin.cli import (
    city,
    compare,
    ensemble,
    export,
    hazard,
    quality,
    recipe,
    refresh,
    results,
    risk,
)
from citytwin.cli.stopping import STOPPED
from citytwin.errors import BalanceError, BusyError, CityTwinError

#: A mistake in the words of a command: click's exception, or that of typer's own copy of click.
_WORDS_ERROR: Any = typer.BadParameter.__mro__[2]

commands = typer.Typer(
    help="A city digital sandbox: open geodata to a city of H3 cells, hazards on it, in 3D.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    city.demo,
    city.build,
    hazard.run,
    ensemble.ensemble,
    risk.risk,
    compare.compare,
    results.results,
    city.app,
    city.info,
    quality.quality,
    refresh.refresh,
    refresh.diff,
    refresh.snapshots,
    export.export,
    hazard.hazards,
    hazard.verify,
    hazard.bench,
):
    commands.command()(command)
commands.add_typer(recipe.recipes, name="recipe")


def main() -> None:
    """Run the command line; a person's mistake ends in one sentence and exit code 2."""
    try:
        code = commands(standalone_mode=False)
    except _WORDS_ERROR as error:
        error.show()
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        code = STOPPED
    except BalanceError as error:
        sys.stderr.write(f"citytwin: {error}\n")
        sys.exit(1)
    except BusyError as error:
        sys.stderr.write(f"citytwin: {error}\n")
        sys.exit(3)
    except CityTwinError as error:
        sys.stderr.write(f"citytwin: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    if code == STOPPED:
        sys.stderr.write("citytwin: stopped; nothing was left half-written\n")
    sys.exit(code if isinstance(code, int) else 0)
