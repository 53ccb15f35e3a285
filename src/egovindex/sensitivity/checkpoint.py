"""A run that can be stopped: what is known so far in one file, whole or not there.

The file belongs to one run. Another index, other data, another doubt or seed are another run, and are refused
rather than mixed in.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from egovindex.errors import DataError, Fault, listed
from egovindex.files import faults_of_files, resolved, whole_or_not_at_all
from egovindex.keep.folder import path_of
from egovindex.sensitivity.tally import Tally, state_of

__all__ = ["Checkpoint"]

_EVERY = 5.0  # seconds
_FORMAT = "egovindex draws 2"
_WORDS = {
    "index": "index", "data": "data", "doubt": "doubt", "node": "node", "learn": "learn", "precision": "precision",
    "rng": "rng", "design": "design", "kept": "kept draws", "egovindex": "version of egovindex",
    "numpy": "version of NumPy",
}  # fmt: skip


class Checkpoint:
    """Reads and writes the file of a run.

    Parameters
    ----------
    path
        The file; ``None`` for none.
    """

    def __init__(self, path: Any) -> None:
        self.path = None if path is None else path_of(path)
        self.last = time.monotonic()
        if self.path is not None and not self.path.parent.is_dir():
            message = f'there is no folder "{self.path.parent.name}" to write into'
            raise DataError(Fault(message, file=self.path.name, check="missing_file"))

    def about(self) -> dict[str, Any] | None:
        """What run the file belongs to; ``None`` if there is no file.

        Raises
        ------
        DataError
            The file is no checkpoint, or is cut off.
        """
        return self._read()[0] if self._is_there() else None

    def _is_there(self) -> bool:
        if self.path is None:
            return False
        with faults_of_files(self.path, "the checkpoint cannot be read", check="unreadable_file"):
            return resolved(self.path).exists()

    def resume(self, run: Mapping[str, Any]) -> Tally | None:
        """What is known of a run; ``None`` if there is no file.

        Raises
        ------
        DataError
            The file is no checkpoint, or that of another run.
        """
        if self.path is None or not self._is_there():
            return None
        about, tally = self._read()
        differs = [word for key, word in _WORDS.items() if about.get(key) != run.get(key)]
        if differs:
            message = (
                f"this is the checkpoint of another run: it differs in {listed(differs)}. Name another file, or "
                "remove this one"
            )
            raise DataError(Fault(message, file=self.path.name, check="other_run"))
        return tally

    def _read(self) -> tuple[dict[str, Any], Tally]:
        assert self.path is not None  # noqa: S101 - the caller has looked
        try:
            with self.path.open("rb") as file, _stored(file) as held:
                about = json.loads(bytes(held["about"]).decode("utf-8"))
                arrays = {name: held[name] for name in held.files if name != "about"}
            if about["format"] == _FORMAT and about.pop("sha256") == _digest(about, arrays):
                return about, _tally_of(about, arrays)
        except OSError as error:
            message = f"the checkpoint cannot be read: {error.strerror or error}"
            raise DataError(Fault(message, file=self.path.name, check="unreadable_file")) from None
        except Exception:  # noqa: BLE001, S110 - NumPy has no error family of its own: the tokenizer's comes through, too
            pass  # and its words speak of settings that nobody should use
        message = "this is no checkpoint of draws, or it is cut off or changed; it is left as it is. Name another file"
        raise DataError(Fault(message, file=self.path.name, check="not_a_checkpoint"))

    def due(self) -> bool:
        """Whether it is time to write."""
        return self.path is not None and time.monotonic() - self.last >= _EVERY

    def write(self, run: Mapping[str, Any], tally: Tally) -> None:
        """Write what is known.

        Raises
        ------
        DataError
            The file cannot be written.
        """
        if self.path is None:
            return
        about = {
            **run,
            "format": _FORMAT,
            "draws": tally.draws,
            "failures": tally.failures,
            "failed": tally.failed,
            "trace": [
                {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in point.items()} for point in tally.trace
            ],
        }
        content = io.BytesIO()
        arrays = state_of(tally)
        about["sha256"] = _digest(about, arrays)
        text = np.frombuffer(json.dumps(about).encode("utf-8"), dtype=np.uint8)
        np.savez(content, about=text, **arrays)  # type: ignore[arg-type]
        try:
            with whole_or_not_at_all(Path(self.path), overwrite=True) as beside:
                beside.write_bytes(content.getvalue())
        except OSError as error:
            message = f"the checkpoint cannot be written: {error.strerror or error}"
            raise DataError(Fault(message, file=self.path.name, check="unwritable_file")) from None
        self.last = time.monotonic()


def _stored(file: BinaryIO) -> Any:
    """An archive as :meth:`Checkpoint.write` makes it: nothing in it is packed, so nothing unpacks to more."""
    with zipfile.ZipFile(file) as archive:
        if any(one.compress_type != zipfile.ZIP_STORED for one in archive.infolist()):
            raise ValueError("packed")
    file.seek(0)
    return np.load(file, allow_pickle=False)


def _digest(about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """Of all that is written."""
    found = hashlib.sha256(json.dumps(about, sort_keys=True).encode("utf-8"))
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {array.dtype.str} {array.shape}".encode())
        found.update(array.data)
    return found.hexdigest()


def _tally_of(about: Mapping[str, Any], arrays: Mapping[str, Any]) -> Tally:
    tally = Tally(
        draws=int(about["draws"]),
        failures=int(about["failures"]),
        failed=[(int(draw), str(message)) for draw, message in about["failed"]],
        trace=[
            {k: np.array(v, dtype=np.float64) if isinstance(v, list) else v for k, v in point.items()}
            for point in about["trace"]
        ],
    )
    for name, array in arrays.items():
        what, _, key = name.partition(".")
        if what == "sum":
            tally.sums[key] = array
        else:
            tally.kept[key] = [array]
    return tally
