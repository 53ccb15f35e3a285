"""The command line, run in this process or in one of its own."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from egovindex.cli.app import app


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def fine(*words: object) -> str:
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done.stdout


def process(*words: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    quiet = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "COLUMNS", "LINES")}
    command = [sys.executable, "-m", "egovindex", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=quiet | environment, check=False
    )


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def cli() -> SimpleNamespace:
    return SimpleNamespace(run=run, fine=fine, process=process, rows_of=rows_of)


@pytest.fixture
def towns(tmp_path) -> SimpleNamespace:
    """An index over two invented indicators, with tables of one year and of two."""
    spec, data, panel = tmp_path / "towns.yaml", tmp_path / "towns.csv", tmp_path / "panel.csv"
    spec.write_text(
        "index: towns\nnothing: skip\n"
        "answers: {s: {yes: [], drafted: [], no: []}}\npoints: {s: {yes: 1, drafted: 0.5, no: 0}}\n"
        "indicators: {act: {points: s}, forms: {steps: [minmax]}}\nnodes: {top: {of: {act: 1, forms: 1}}}\n",
        encoding="utf-8",
    )
    rows = "Abaria,north,yes,10\nBelmora,north,no,30\nCordania,,drafted,20\n"
    data.write_text("unit,region,act,forms\n" + rows, encoding="utf-8")
    two = "\n".join(f"{row},{year}" for year in (2022, 2024) for row in rows.splitlines()) + "\n"
    panel.write_text("unit,region,act,forms,period\n" + two.replace("no,30,2024", "yes,30,2024"), encoding="utf-8")
    return SimpleNamespace(spec=spec, data=data, panel=panel)
