"""Invented responses to the Member State Questionnaire, as a table with one row per answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import egovindex as ei

__all__ = ["answers_file", "plain", "scored"]

_TEXTS = ["", "Law 12 of 2019, https://law.example/12", "The policy ensures it", "A strategy is being drafted"]


def answers_file(path: Path, respondents: int) -> Path:
    """A tidy CSV of so many respondents, every item answered or left blank by chance."""
    rng = np.random.default_rng(1)
    units = np.array([f"U{at:05}" for at in range(respondents)])
    parts = []
    for name, item in ei.load_instrument("un-msq-2022").file.items.items():
        marks, texts = np.full(respondents, ""), np.full(respondents, "")
        if item.kind == "one":
            marks = (
                rng.choice(["Yes", "No", ""], respondents)
                if item.answers == "status"
                else np.full(respondents, "Other")
            )
        elif item.personal == "person":
            texts = np.array([f"Person{at} Family{at}" for at in range(respondents)])
        else:
            texts = rng.choice(_TEXTS, respondents)
        parts.append(pd.DataFrame({"unit": units, "item": name, "mark": marks, "text": texts}))
    pd.concat(parts).sort_values("unit", kind="stable").to_csv(path, index=False)
    return path


def scored(path: Path) -> pd.DataFrame:
    """From the file to scores, persons taken out on the way."""
    read = ei.read_responses(path, "un-msq-2022", format="tidy")
    return ei.compute("msq-readiness-2022", read).scores


def plain(path: Path) -> pd.DataFrame:
    """The file read by pandas alone."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)
