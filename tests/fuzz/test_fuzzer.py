"""The fuzzer sees what it is there to see: each fault that a reader may have, planted."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from egovindex.errors import DataError, Fault
from tests.fuzz import running
from tests.fuzz.__main__ import main
from tests.fuzz.archives import mutated_archive, packed
from tests.fuzz.reader import Reader
from tests.fuzz.running import outcome_of, outcomes


def reader(read) -> Reader:
    return Reader("planted", ".txt", read, lambda: [b"a,b\n1,2\n"])


def silent(_: Path) -> None:
    raise DataError(())


def foreign(_: Path) -> None:
    raise KeyError("max")


def far_too_long(_: Path) -> None:
    error = DataError("x")
    error.args = ("x" * 30_000,)
    raise error


def changes(path: Path) -> None:
    path.write_bytes(b"mine now")


def leaves(path: Path) -> None:
    path.with_name("left.tmp").touch()


def warns(_: Path) -> None:
    import warnings

    warnings.warn("of something", RuntimeWarning, stacklevel=1)


FAULTS = {
    silent: "!no_words", foreign: "!KeyError", far_too_long: "!long_message", changes: "!changed", leaves: "!left",
    warns: "!RuntimeWarning",
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(fault, tmp_path):
    assert outcome_of(reader(fault), b"a", tmp_path).check == FAULTS[fault]


def test_a_refusal_is_no_fault(tmp_path):
    def read(_: Path) -> None:
        raise DataError(Fault("no", check="not_mine"))

    assert outcome_of(reader(read), b"a", tmp_path).check == "not_mine"


def test_what_ends_the_process_is_known_and_the_rest_is_read():
    dies = reader(lambda path: os._exit(3) if b"\x00" in path.read_bytes() else None)
    numbers = list(range(60))
    bad = [number for number in numbers if b"\x00" in dies.input(5, number)]
    found = list(outcomes(dies, 5, numbers))
    assert [one.number for one in found] == numbers
    assert bad
    assert [one.number for one in found if one.check == "!died"] == bad


def test_time_and_memory_are_bounded(monkeypatch):
    def slow(_: Path) -> None:
        while True:
            pass

    monkeypatch.setattr(running, "SECONDS", 0.5)
    monkeypatch.setattr(running, "MEMORY", 50_000_000)
    assert [one.check for one in outcomes(reader(slow), 0, [0])] == ["!slow"]
    if Path("/proc/self/clear_refs").exists():
        large = reader(lambda _: b"x" * 100_000_000)
        assert [one.check for one in outcomes(large, 0, [0])] == ["!memory"]
    assert [one.check for one in outcomes(reader(lambda _: None), 0, [0, 1])] == ["", ""]


@pytest.mark.slow
def test_silence_is_believed_the_second_time(tmp_path, monkeypatch):
    def sleeps(path: Path) -> None:
        mark = tmp_path / "slept"
        if b"\x00" in path.read_bytes() or not mark.exists():
            mark.touch()
            time.sleep(30)

    monkeypatch.setattr(running, "_SILENCE", 1)
    numbers = list(range(54, 59))
    sleepy = reader(sleeps)
    bad = [number for number in numbers if b"\x00" in sleepy.input(5, number)]
    found = list(outcomes(sleepy, 5, numbers))
    assert [one.number for one in found] == numbers
    assert [one.number for one in found if one.check == "!silent"] == bad
    assert bad == [57]


def test_the_report(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["--reader", "labels", "--inputs", "6", "--seed", "1", "--keep"]) == 0
    told = capsys.readouterr().out
    assert "seed 1, 1 readers" in told
    assert "labels                   6" in told
    assert list((tmp_path / "tests/fuzz/corpus/labels").iterdir())


def test_archives_stay_archives_mostly():
    import random

    whole = packed([("a", b"1,2\n" * 50), ("b", b"x")])
    kinds = [mutated_archive(whole, random.Random(at))[:2] for at in range(40)]
    assert kinds.count(b"PK") > 25
