"""The file of a run: what is written comes back as it was, and nothing else is taken for it."""

from __future__ import annotations

import time

import numpy as np
import pytest

import egovindex as ei
from egovindex.sensitivity.checkpoint import Checkpoint
from egovindex.sensitivity.tally import Tally

RUN = {
    "index": "i", "data": "d", "doubt": "w", "node": "top", "learn": "nominal", "precision": "double", "rng": "7",
    "design": None, "kept": 100, "chunk": 1024, "egovindex": "0.1", "numpy": "2.0",
}  # fmt: skip


def tally() -> Tally:
    return Tally(
        draws=2048,
        failures=2,
        failed=[(3, "nothing is left"), (9, "zscore")],
        sums={"counts": np.arange(6).reshape(2, 3), "classes": np.ones((2, 2), dtype=np.int64)},
        kept={"scores": [np.ones((2, 2)), np.zeros((1, 2))], "draws": [np.arange(3)]},
        trace=[{"draws": 1024, "ranks": np.array([1.5, np.nan]), "low": np.array([1.0, 2.0])}, {"draws": 2048}],
    )


def test_what_is_written_comes_back(tmp_path):
    store = Checkpoint(tmp_path / "run.npz")
    assert store.about() is None
    assert store.resume(RUN) is None
    store.write(RUN, tally())
    about = store.about()
    assert {name: about[name] for name in RUN} == RUN
    assert (about["draws"], about["failures"]) == (2048, 2)
    found = store.resume(RUN)
    assert (found.draws, found.failures, found.failed) == (2048, 2, [(3, "nothing is left"), (9, "zscore")])
    assert all(isinstance(one, tuple) for one in found.failed)
    assert set(found.sums) == {"counts", "classes"}
    np.testing.assert_array_equal(found.sums["counts"], np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(found.sums["classes"], np.ones((2, 2)))
    np.testing.assert_array_equal(found.held("scores"), [[1, 1], [1, 1], [0, 0]])
    np.testing.assert_array_equal(found.held("draws"), [0, 1, 2])
    assert [point["draws"] for point in found.trace] == [1024, 2048]
    np.testing.assert_array_equal(found.trace[0]["ranks"], [1.5, np.nan])
    np.testing.assert_array_equal(found.trace[0]["low"], [1.0, 2.0])
    assert list(found.trace[1]) == ["draws"]
    assert isinstance(found.trace[0]["draws"], int)
    assert isinstance(found.trace[0]["low"], np.ndarray)
    # it can be gone on with, written over, and read by a path of text
    found.kept["draws"].append(np.array([3]))
    store.write(RUN, found)
    np.testing.assert_array_equal(Checkpoint(str(tmp_path / "run.npz")).resume(RUN).held("draws"), [0, 1, 2, 3])
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_no_file_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Checkpoint(None)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 1e6)
    assert store.about() is None
    assert store.resume(RUN) is None
    assert not store.due()
    store.write(RUN, tally())
    assert list(tmp_path.iterdir()) == []


WORDS = {
    "index": "index", "data": "data", "doubt": "doubt", "node": "node", "learn": "learn", "precision": "precision",
    "rng": "rng", "design": "design", "kept": "kept draws", "egovindex": "version of egovindex",
    "numpy": "version of NumPy",
}  # fmt: skip


@pytest.mark.parametrize("what", WORDS)
def test_another_run_is_told_by_what_differs(tmp_path, what):
    store = Checkpoint(tmp_path / "run.npz")
    store.write(RUN, tally())
    with pytest.raises(ei.DataError, match=rf"it differs in {WORDS[what]}\. Name another") as caught:
        store.resume({**RUN, what: "other"})
    assert caught.value.faults[0].file == "run.npz"
    with pytest.raises(ei.DataError, match="it differs in"):
        store.resume({name: value for name, value in {**RUN, "design": 1}.items() if name != what or name == "design"})


def test_all_that_differs_is_told(tmp_path):
    store = Checkpoint(tmp_path / "run.npz")
    store.write(RUN, tally())
    with pytest.raises(ei.DataError, match=r"it differs in data, rng, version of NumPy\. "):
        store.resume({**RUN, "data": "x", "rng": "8", "numpy": "3"})
    assert store.resume({**RUN, "something": "more"}).draws == 2048


def test_it_is_written_every_five_seconds(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    store = Checkpoint(tmp_path / "run.npz")
    assert not store.due()
    now[0] = 104.9
    assert not store.due()
    now[0] = 105.0
    assert store.due()
    store.write(RUN, tally())
    assert not store.due()
    now[0] = 109.9
    assert not store.due()
    now[0] = 110.0
    assert store.due()


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ei.DataError, match='there is no folder "nowhere" to write into') as caught:
        Checkpoint(tmp_path / "nowhere" / "run.npz")
    assert caught.value.faults[0].check == "missing_file"


def test_what_the_system_refuses(tmp_path):
    folder = tmp_path / "run.npz"
    folder.mkdir()
    store = Checkpoint(folder)
    with pytest.raises(ei.DataError, match="the checkpoint cannot be read: ") as caught:
        store.about()
    assert caught.value.faults[0].check == "unreadable_file"
    assert "Errno" not in str(caught.value)
    with pytest.raises(ei.DataError, match="the checkpoint cannot be written: ") as caught:
        store.write(RUN, tally())
    assert caught.value.faults[0].check == "unwritable_file"
    assert "Errno" not in str(caught.value)


def change(path, **arrays) -> None:
    with np.load(path) as held:
        whole = {name: held[name] for name in held.files}
    np.savez(path, **{name: array for name, array in {**whole, **arrays}.items() if array is not None})


CHANGES = {
    "a sum less": {"sum.classes": None},
    "a sum more": {"sum.other": np.zeros(2)},
    "another shape": {"sum.counts": np.arange(6).reshape(3, 2)},
    "another kind": {"sum.counts": np.arange(6).reshape(2, 3).view(np.float64)},
    "another number": {"sum.counts": np.array([[0, 1, 2], [3, 4, 6]])},
    "other names": {"sum.counts": np.ones((2, 2), dtype=np.int64), "sum.classes": np.arange(6).reshape(2, 3)},
    "nothing said": {"about": None},
    "no words": {"about": np.arange(3, dtype=np.uint8)},
    "a list": {"about": np.frombuffer(b"[]", dtype=np.uint8)},
    "no keys": {"about": np.frombuffer(b"{}", dtype=np.uint8)},
    "a format alone": {"about": np.frombuffer(b'{"format": "egovindex draws 2"}', dtype=np.uint8)},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_was_changed_is_none(tmp_path, name):
    path = tmp_path / "run.npz"
    store = Checkpoint(path)
    store.write(RUN, tally())
    change(path)  # as it is, in another container
    assert store.resume(RUN).draws == 2048
    change(path, **CHANGES[name])
    before = path.read_bytes()
    for ask in (store.about, lambda: store.resume(RUN)):
        with pytest.raises(ei.DataError, match="this is no checkpoint of draws, or it is cut off or changed"):
            ask()
    assert path.read_bytes() == before


def test_the_order_in_which_a_run_is_described_is_nothing(tmp_path):
    store = Checkpoint(tmp_path / "run.npz")
    store.write(dict(reversed(RUN.items())), tally())
    assert store.resume(RUN).draws == 2048


class Evil:
    """Leaves a file behind where it is unpacked."""

    def __init__(self, path) -> None:
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_nothing_of_a_file_is_run(tmp_path):
    path = tmp_path / "run.npz"
    store = Checkpoint(path)
    store.write(RUN, tally())
    with np.load(path) as held:
        whole = {name: held[name] for name in held.files}
    np.savez(path, **whole, extra=np.array([Evil(tmp_path / "left behind")], dtype=object))
    with pytest.raises(ei.DataError, match="this is no checkpoint of draws"):
        store.about()
    assert not (tmp_path / "left behind").exists()
