"""The run of a fire: from its scene to its answer; it can be stopped, and go on."""

from typing import TYPE_CHECKING

from citytwin.errors import BalanceError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Hazard, Layers
from citytwin.hazards.fire.answer import Record, hazard_of
from citytwin.hazards.fire.course import Course
from citytwin.hazards.fire.scene import Scene, scene_of
from citytwin.hazards.watch import Watch

if TYPE_CHECKING:
    from citytwin.hazards.fire.model import Fire

#: Length of a step [s]; the cases of ``citytwin verify fire`` show what halving it changes.
STEP = 20.0
#: Steps between two reports of progress.
_TELL = 30
_BALANCE = 1e-9


def simulate(
    event: "Fire",
    grid: Grid,
    layers: Layers,
    watch: Watch,
    given: Given,
    step: float = STEP,
) -> Hazard:
    """Let a fire happen; see ``HazardModel.simulate``.

    Parameters
    ----------
    event, grid, layers, watch, given
        As there.
    step
        Length of a step [s].
    """
    kept = watch.kept
    if kept is None:
        watch(0.0, "who sees whom")
    scene = scene_of(event, grid, layers, given)
    course = Course(scene, event.simulated_h * 3600.0, step, embers=event.embers)
    record = Record(scene, event.output_min * 60.0)
    if kept is None:
        record.keep(0.0)
    else:
        course.restore(kept["course"])
        record.restore(kept["record"])
    _follow(course, record, watch)
    complete = course.done == course.steps
    if not complete:
        watch.state = {"course": course.save(), "record": record.save()}
    course.look_last()
    if record.times[-1] < course.now:
        record.keep(course.now)
    _check(scene)
    watch(1.0, "burnt")
    return hazard_of(event, scene, record, course.now, complete=complete)


def _follow(course: Course, record: Record, watch: Watch) -> None:
    """Go from step to step to the end, or until somebody stops it."""
    houses, steps = course.scene.houses, course.steps
    while course.done < steps:
        course.go()
        if course.now >= record.next - 1e-6:
            record.keep(course.now)
        if course.done % _TELL == 1:
            watch(0.02 + 0.93 * course.done / steps, f"{houses.burning.size:,} buildings on fire")
            if course.done < steps and watch.stopped():
                return


def _check(scene: Scene) -> None:
    """Refuse a run that lost count of its buildings or of the heat they released."""
    burnt = float((scene.houses.spent * scene.stock.load).sum())
    if abs(scene.houses.released - burnt) > _BALANCE * max(burnt, 1.0):
        raise BalanceError(
            f"buildings released {scene.houses.released:.6g} J but lost {burnt:.6g} J of fire load: "
            "report this run"
        )
