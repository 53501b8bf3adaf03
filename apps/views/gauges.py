"""What gauges, lines, sewers and whole cities of a run saw over time, as charts."""

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import store
import streamlit as st
from said import say
from texts import TEXTS, translate, unit_words

from citytwin.scenario import Results

#: Kinds of places, the ones that people placed first.
_KINDS = ("gauge", "line", "sewer node", "sewer pipe")
#: Most points of a curve; more would not be seen.
_MOST_POINTS = 600


def draw(key: str, language: str) -> None:
    """Draw the curves of one place of a run; nothing if the run has none."""
    found = places(key)
    if not found:
        return
    st.html(f'<div class="ct-head">{translate("series", language)}</div>')
    chosen = st.selectbox(
        translate("series.place", language),
        found,
        format_func=lambda place: f"{_word(place[0], language)}: {say(place[1], language)}",
        label_visibility="collapsed",
        key=f"place:{key}",
    )
    for name, rows in _of(store.results(key), *chosen).groupby("variable", sort=False):
        words, unit = _word(str(name), language), str(rows["unit"].iloc[0])
        if unit not in ("", "1"):
            words += f" [{unit_words(unit, language)}]"
        st.altair_chart(_curve(rows, words, language), alt=f"{say(chosen[1], language)}: {words}")


def places(key: str) -> list[tuple[str, str]]:
    """Kind and name of each place that has curves."""
    return _places(store.results(key))


@lru_cache(maxsize=16)
def _places(results: Results) -> list[tuple[str, str]]:
    pairs = _read(results)[["kind", "name"]].drop_duplicates()
    found = list(pairs.itertuples(index=False, name=None))
    return sorted(found, key=lambda place: (*_KINDS, place[0]).index(place[0]))


@lru_cache(maxsize=4)
def _read(results: Results) -> pd.DataFrame:
    return results.series


def _of(results: Results, kind: str, name: str) -> pd.DataFrame:
    """Rows of one place, thinned to what can be seen."""
    table = _read(results)
    mine = table[(table["kind"] == kind) & (table["name"] == name)]
    parts = [_thin(part) for _, part in mine.groupby("variable", sort=False)]
    return pd.concat(parts).assign(hours=lambda rows: rows["time_s"] / 3600.0)


def _thin(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows at even places, the greatest and the smallest value among them."""
    if len(rows) <= _MOST_POINTS:
        return rows
    kept = np.linspace(0, len(rows) - 1, _MOST_POINTS).astype(np.int64)
    ends = [int(rows["value"].argmax()), int(rows["value"].argmin())]
    return rows.iloc[np.unique([*kept, *ends])]


def _curve(rows: pd.DataFrame, words: str, language: str) -> Any:
    title = alt.TitleParams(words, anchor="start", fontSize=12, fontWeight=500)
    hint = [alt.Tooltip("hours:Q", format=".2f"), alt.Tooltip("value:Q", format=".3g", title=words)]
    return (
        alt.Chart(rows[["hours", "value"]], height=190, title=title)
        .mark_line(strokeWidth=2.0, color="#1c5d99")
        .encode(
            alt.X("hours:Q").title(translate("impact.axis.time", language)).axis(grid=False),
            alt.Y("value:Q").title(None).axis(tickCount=4).scale(zero=_from_zero(rows)),
            hint,
        )
    )


def _from_zero(rows: pd.DataFrame) -> bool:
    """Whether nothing is a value to measure from: not for a level above the sea."""
    return bool(rows["variable"].iloc[0] != "level")


def _word(name: str, language: str) -> str:
    key = f"series.{name}"
    return translate(key, language) if key in TEXTS else name
