"""What is to be known of a run before its figures: its name, whether it was stopped, what is in it."""

import re
from collections import Counter
from typing import Any

import chains
import ensembles
import store
from field_texts import field_title
from form import Field, fields_of, nested_titles
from pydantic import BaseModel
from ready import called
from said import say
from texts import translate

#: Signs of a note that a reader must not overlook.
_DOUBTS = ("not verified", "assum")
#: Kinds of fields that tell one event from another.
_TELLING = ("choice", "integer", "number")
#: Most fields that make up the name of a run without a name.
_MOST_FIELDS = 3


def name(key: str, language: str) -> str:
    """Name of a run for lists, with a mark if it was stopped."""
    text = title(key, language)
    return text if store.results(key).complete else f"{text} ({translate('stopped', language)})"


def title(key: str, language: str) -> str:
    """Name of a run's scenario; where it has none, its hazard and what was chosen for it."""
    scenario = store.results(key).scenario
    if scenario.name:
        return _translated(key, str(scenario.name), language)
    hazard = scenario.hazard
    model = type(hazard)
    fields = fields_of(model, language)
    chosen = [field for field in fields if getattr(hazard, field.name) != _default(model, field)]
    if not chosen:
        chosen = [field for field in fields if field.kind in _TELLING and field.default][:2]
    words = [field.shown(getattr(hazard, field.name)) for field in chosen[:_MOST_FIELDS]]
    titles = nested_titles(model, language)
    words += [titles[field] for field in titles if _acts(getattr(hazard, field))]
    gap = "，" if language == "zh" else ", "
    return gap.join([field_title(model, language), *words])


def _translated(key: str, name: str, language: str) -> str:
    """A name with what citytwin itself put behind it in the reader's words."""
    chain = chains.of_run(key)
    steps = [step for step, run in chains.steps(chain).items() if run == key] if chain else []
    if steps and (name == steps[0] or name.endswith(f": {steps[0]}")):
        title = chains.step_title(chain, steps[0], language)
        colon = "：" if language == "zh" else ": "
        before = name.removesuffix(steps[0]).removesuffix(": ") or chain["chain"].get("name", "")
        return f"{called(before, language)}{colon}{title}" if before else title
    members = re.search(r": (\d+) members$", name)
    if members is None:
        return called(name, language)
    own = called(name[: members.start()], language)
    model = type(store.results(key).scenario.hazard)
    own = field_title(model, language) if own == model.title else own  # nobody gave it a name
    words = translate("run.members", language, name=own, count=members[1])
    return words.removesuffix("s") if language != "zh" and members[1] == "1" else words


def _default(model: type[BaseModel], field: Field) -> Any:
    return model.model_fields[field.name].get_default(call_default_factory=True)


def _acts(value: Any) -> bool:
    """Whether the tables of a field change what happens; gauges and lines only look."""
    if isinstance(value, tuple):
        return any(hasattr(part, "forcing") for part in value)
    return value is not None


def created(key: str) -> str:
    """When a run was computed, to the minute."""
    return f"{store.results(key).manifest['created'][:16].replace('T', ' ')} UTC"


def stopped(key: str, language: str) -> str:
    """That a run was stopped and how far it came, in one sentence; empty for a whole run."""
    results = store.results(key)
    if results.complete:
        return ""
    came = f"{float(results.times[-1]) / 60.0:.0f}"
    whole = getattr(results.scenario.hazard, "simulated_h", None)
    if whole is None:
        return translate("stopped.somewhere", language, came=came)
    return translate("stopped.after", language, came=came, whole=f"{60.0 * whole:.0f}")


def notes(key: str, language: str) -> tuple[list[str], list[str]]:
    """What a reader must know of a run: notes with an assumption or a doubt in them, and the others."""
    manifest = store.results(key).manifest
    said = [str(note) for note in manifest.get("notes", ())]
    doubts = [note for note in said if any(sign in note.lower() for sign in _DOUBTS)]
    others = [note for note in said if note not in doubts]
    found = [_said(note, key, language) for note in doubts]
    if not manifest.get("model", {}).get("verified", True):
        found.insert(0, translate("note.unverified", language))
    return found, [_said(note, key, language) for note in others]


def _said(note: str, key: str, language: str) -> str:
    """A note in the reader's words; an ensemble of a chain says first which step it is of."""
    step, _, rest = note.partition(": ")
    titles = ensembles.steps(ensembles.manifest_of(key), language)
    if step not in titles:
        return _sentence(say(note, language), language)
    colon = "：" if language == "zh" else ": "
    return f"{titles[step]}{colon}{_sentence(say(rest, language), language)}"


def _sentence(text: str, language: str) -> str:
    """A note from its capital letter to its full stop."""
    stop = "。" if language == "zh" else "."
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '。')) else stop}"


def caveat(key: str | None, language: str) -> str:
    """What a model result is, and which drains and measures are in this one."""
    lines = [translate("note.long", language)]
    if key is not None:
        lines += filter(None, [drains(key, language)])
        built = measures(key, language)
        if built:
            lines.append(translate("measures", language, what=built))
    return ("" if language == "zh" else " ").join(lines)


def drains(key: str, language: str) -> str:
    """Which sewers and pumps are in a run, in one sentence; empty for a hazard that knows none."""
    scenario = store.results(key).scenario
    if not {"sewers", "sewer_mm_h"} & set(type(scenario.hazard).model_fields):
        return ""
    if getattr(scenario.hazard, "sewers", None) is not None:
        return translate("drains.network", language)
    rate = float(getattr(scenario.hazard, "sewer_mm_h", 0.0))
    if rate > 0.0:
        return translate("drains.assumed", language, rate=f"{rate:g}")
    pumps = any(measure.kind == "pump" for measure in scenario.measures)
    return translate("drains.pumps" if pumps else "drains.none", language)


def measures(key: str, language: str) -> str:
    """Kinds of the measures in a run with how many there are; empty without any."""
    found: Counter[Any] = Counter(type(m) for m in store.results(key).scenario.measures)
    gap = "、" if language == "zh" else ", "
    return gap.join(f"{field_title(kind, language)} × {n}" for kind, n in found.items())
