"""What the library itself has written, and somebody has changed: saved results, and checkpoints of draws."""

from __future__ import annotations

import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

import egovindex as ei
from egovindex.keep.sums import SUMS, sums_text
from egovindex.sensitivity import checkpoint
from tests.fuzz.archives import mutated_archive, packed, unpacked
from tests.fuzz.mutate import mutated
from tests.fuzz.reader import Reader
from tests.fuzz.trees import mutated_tree, mutated_yaml
from tests.fuzz.yamls import small

__all__ = ["READERS"]

_TABLE = pd.DataFrame(
    {"unit": ["Alva", "Borland", "NA"], "a": ["Yes", "Draft", "Ja"], "b": [1.5, 2, 0], "c": [3, 4, 6]}
)
_DRAWS = 64
_WORDS = (
    "a", "b", "c", "top", "unit", "text", "number", "whole", "given", "nothing", "from these data", "draws",
    "failures", "trace",
)  # fmt: skip
_MORE_FILES = ("evil.py", "data.csv", "learned.csv", "data.parquet", "notes.txt")


# --- saved results: a folder travels as an archive without folders in it
def _saved(path: Path) -> object:
    with tempfile.TemporaryDirectory(prefix="fuzz-saved-") as top:
        folder = Path(top, "saved")
        folder.mkdir()
        for name, content in unpacked(path.read_bytes()).items():
            (folder / name).write_bytes(content)
        before = _files(folder)
        try:
            return _verified(folder)
        finally:
            if _files(folder) != before:
                raise AssertionError("a file of the folder was changed by reading it")


def _files(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def _verified(folder: Path) -> object:
    found = ei.verify(folder)
    shown = [str(found), found._repr_html_(), found.differences.to_csv()]
    if len(shown[0]) > 40_000:
        raise AssertionError(f"{len(shown[0])} characters: {shown[0][:300]}")
    try:
        ei.load_result(folder)
    except ei.EgovindexError:
        if found.identical:
            raise AssertionError("verified as identical, and not loaded") from None
    loose = ei.load_result(folder, check=False)
    return found, loose, loose.ranking


@cache
def _folders(format_: Literal["csv", "parquet"]) -> list[bytes]:
    found = []
    for index in (small(), small().with_(indicators={"c": {"steps": ["minmax"]}})):
        with tempfile.TemporaryDirectory(prefix="fuzz-saved-") as top:
            ei.compute(index, _TABLE).save(Path(top, "saved"), format=format_)
            found.append(packed(sorted(_files(Path(top, "saved")).items()), method=0))
    return found


def _changed_folder(content: bytes, rng: random.Random, words: tuple[str, ...]) -> bytes:
    """Files changed, missing or more; the digests mostly made anew, as somebody would who wants to be believed."""
    files = unpacked(content)
    for _ in range(rng.choice((1, 1, 1, 2))):
        name = rng.choice(sorted(files))
        how = rng.random()
        if how < 0.06:
            del files[name]
        elif how < 0.1:
            files[rng.choice(_MORE_FILES)] = files[name]
        elif name.endswith(".json") and how < 0.8:
            files[name] = _changed_json(files[name], rng, words)
        else:
            files[name] = (mutated_yaml if name.endswith(".yaml") else mutated)(files[name], rng, words)
    if rng.random() < 0.7:
        files[SUMS] = sums_text({name: raw for name, raw in files.items() if name != SUMS}).encode()
    return packed(sorted(files.items()), method=0)


def _changed_json(content: bytes, rng: random.Random, words: tuple[str, ...]) -> bytes:
    try:
        tree = mutated_tree(json.loads(content), rng, words)
    except ValueError:
        return mutated(content, rng, words)
    return json.dumps(tree).encode("utf-8", "surrogatepass")


# --- checkpoints
@cache
def _doubt() -> ei.Doubt:
    return ei.Doubt(weights=ei.within(0.25), name="quarter")


@cache
def _checkpoints() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="fuzz-run-") as folder:
        path = Path(folder, "run.npz")
        ei.simulate(small(), _TABLE, _doubt(), n=_DRAWS, rng=1, keep=True, checkpoint=path)
        return [path.read_bytes()]


def _resumed(path: Path) -> object:
    """Resumed in a copy: going on writes the file; a file that is refused is left as it is."""
    with tempfile.TemporaryDirectory(prefix="fuzz-run-") as folder:
        copy = Path(shutil.copy(path, folder))
        try:
            checkpoint.Checkpoint(copy).about()
            return ei.simulate(small(), _TABLE, _doubt(), n=2 * _DRAWS, rng=1, keep=True, checkpoint=copy)
        except ei.EgovindexError:
            if copy.read_bytes() != path.read_bytes():
                raise AssertionError("a checkpoint that is refused was changed") from None
            raise


def _changed_checkpoint(content: bytes, rng: random.Random, words: tuple[str, ...]) -> bytes:
    """Its archive changed, or what it says, with a digest that fits again."""
    if rng.random() < 0.5:
        return mutated_archive(content, rng, words)
    with np.load(io.BytesIO(content)) as held:
        arrays = {name: held[name] for name in held.files}
    about = json.loads(bytes(arrays.pop("about")))
    for _ in range(rng.choice((1, 1, 2))):
        if rng.random() < 0.5:
            about = mutated_tree(about, rng, words)
        else:
            _change_arrays(arrays, rng)
    return _written(about, arrays)


_CHANGES: tuple[Callable[[Any], Any], ...] = (
    lambda array: array[:0], lambda array: array.ravel(), lambda array: array.astype(np.float32),
    lambda _: np.zeros((0,)), lambda array: array - 10**6, lambda _: np.array(3), lambda array: array.astype("U10"),
    lambda array: array * np.nan, lambda array: np.concatenate([array, array]), lambda array: array.astype(np.int8),
    lambda array: array.astype(complex), lambda array: array.T, lambda array: array.astype(bool),
    lambda array: array.astype("M8[s]"),
)  # fmt: skip


def _change_arrays(arrays: dict[str, Any], rng: random.Random) -> None:
    if not arrays:
        return
    name = rng.choice(sorted(arrays))
    how = rng.randrange(len(_CHANGES) + 2)
    if how == len(_CHANGES):
        arrays[rng.choice(("sum.x", "kept.x", "x", "sum.", "kept.scores"))] = arrays.pop(name)
    elif how > len(_CHANGES):
        del arrays[name]
    elif arrays[name].dtype.kind in "iuf" and arrays[name].ndim:
        with np.errstate(all="ignore"):
            arrays[name] = _CHANGES[how](arrays[name])


def _written(about: Any, arrays: dict[str, Any]) -> bytes:
    """A checkpoint whose digest fits, whatever it says."""
    if isinstance(about, dict):
        about.pop("sha256", None)
        about["sha256"] = checkpoint._digest(about, arrays)
    file = io.BytesIO()
    text = np.frombuffer(json.dumps(about).encode("utf-8"), dtype=np.uint8)
    np.savez(file, about=text, **arrays)
    return file.getvalue()


READERS = [
    Reader("saved_csv", ".zip", _saved, lambda: _folders("csv"), _changed_folder, _WORDS, 2),
    Reader("saved_parquet", ".zip", _saved, lambda: _folders("parquet"), _changed_folder, _WORDS),
    Reader("checkpoint", ".npz", _resumed, _checkpoints, _changed_checkpoint, _WORDS),
]
