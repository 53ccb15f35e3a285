"""Files that fail: no path, no rights, no room, a reader or a user who leaves. All is told, and nothing is lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

import egovindex as ei
from egovindex import beside
from egovindex.files import whole_or_not_at_all
from egovindex.sensitivity.checkpoint import Checkpoint
from tests.faults.works import SIMULATE, files_in

PARTS = "un-egdi-parts-2024"
CLI = [sys.executable, "-m", "egovindex"]
FINE = {"verify: a folder with an unreadable file", "verify: a folder"}  # it lists what is wrong with it
# a checkpoint is written often; and what starts tests in the background ignores SIGINT
OFTEN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import egovindex.cli, egovindex.sensitivity.checkpoint as kept
kept._EVERY = 0.2
egovindex.cli.main()
"""
SCORE = [*CLI, "score", PARTS, "--sample", "--csv"]


@pytest.fixture(scope="module")
def result() -> ei.IndexResult:
    return ei.compute(PARTS, ei.sample(PARTS).head(12))


def test_awkward_paths_are_told(root):
    with tempfile.TemporaryDirectory() as top:  # not pytest's: nobody else may go into that
        words = [sys.executable, "-m", "tests.faults.awkward", top]
        done = subprocess.run(words, cwd=root, capture_output=True, check=False, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {what: told for what, (kind, told) in found.items() if kind == "raw"} == {}
    fine = {what for what, (kind, _) in found.items() if kind == "fine"}
    assert fine == FINE


# --- no room
def test_a_full_disk_leaves_the_old(result, tmp_path):
    """A limit on the size of files stands for a disk without room; it holds in this process only for a moment."""
    result.to_excel(tmp_path / "book.xlsx")
    result.save(tmp_path / "kept")
    doubt = ei.Doubt(weights=ei.within(0.1))
    run = lambda n: ei.simulate(PARTS, ei.sample(PARTS), doubt, n, rng=1, checkpoint=tmp_path / "run.npz", executor=1)  # noqa: E731
    run(512)
    before = files_in(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))
        for write in (
            lambda: result.to_excel(tmp_path / "book.xlsx", overwrite=True),
            lambda: result.save(tmp_path / "kept", overwrite=True),
            lambda: run(1024),
        ):
            with pytest.raises(ei.DataError, match=r"cannot be written: File too large"):
                write()
            assert files_in(tmp_path) == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    try:
        done = subprocess.run(words, capture_output=True, check=False, text=True)
    except OSError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip(f"needs to mount a small disk: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_full_in_fact(result, small_disk):
    result.save(small_disk / "kept")
    (small_disk / "filler").write_bytes(b"x" * 8 * 1024)
    before = files_in(small_disk)
    room = os.statvfs(small_disk)
    with (small_disk / "filler").open("ab") as filler:
        filler.write(b"x" * max(0, room.f_bavail * room.f_frsize - 8 * 1024))
    before = files_in(small_disk)
    with pytest.raises(ei.DataError, match="No space left on device"):
        result.save(small_disk / "kept", overwrite=True)
    with pytest.raises(ei.DataError, match="No space left on device"):
        result.to_excel(small_disk / "book.xlsx")
    assert files_in(small_disk) == before
    assert ei.verify(small_disk / "kept").identical


def test_a_disk_that_may_only_be_read(result, small_disk):
    result.save(small_disk / "kept")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(ei.DataError, match="Read-only file system"):
        result.save(small_disk / "kept", overwrite=True)
    assert ei.verify(small_disk / "kept").identical


def test_output_without_room_is_told():
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(SCORE, stdout=full, stderr=subprocess.PIPE, check=False, text=True, timeout=60)
    assert done.returncode not in (0, 1)
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


# --- who leaves
def test_a_reader_who_leaves_is_no_fault():
    told = subprocess.Popen([*CLI, "score", "undp-hdi-2022", "--sample", "--json"], stdout=-1, stderr=-1)
    told.stdout.read(1)
    told.stdout.close()
    said = told.stderr.read()
    told.stderr.close()
    assert (told.wait(60), said) in ((141, b""), (0, b""))


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_goes_on(sign, tmp_path):
    def words(n: int, *more: str) -> list[str]:
        return [sys.executable, "-c", OFTEN, *SIMULATE[:-1], str(n), "--workers", "1", "--csv", *more]

    kept = ("--checkpoint", "run.npz")
    run = subprocess.Popen(words(2_000_000, *kept), cwd=tmp_path, stdout=-1, stderr=-1)
    until = time.monotonic() + 90
    while not (tmp_path / "run.npz").exists() and run.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    run.send_signal(sign)
    run.communicate(timeout=60)
    assert run.returncode in ({130} if sign == signal.SIGINT else {-sign})
    held = int(Checkpoint(tmp_path / "run.npz").about()["draws"])
    on, straight = (
        subprocess.run(words(held + 1000, *more), cwd=tmp_path, capture_output=True, check=False, timeout=300)
        for more in (kept, ())
    )
    assert (on.returncode, straight.returncode) == (0, 0), on.stderr + straight.stderr
    assert on.stdout == straight.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


# --- what changes while it is read
@pytest.mark.parametrize("whole", [False, True], ids=["a file", "the folder"])
def test_responses_that_vanish_while_they_are_read_are_listed(whole, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for unit in ("Anvilla", "Bruma", "Cordia"):
        (folder / f"{unit}.csv").write_text(f"unit,item,text\n{unit},q037,The law is being drafted.\n")

    def take_away(told) -> None:  # after each file
        if whole:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            (folder / "Bruma.csv").unlink(missing_ok=True)

    read = ei.read_responses(folder, "un-msq-2022", format="tidy", progress=take_away)
    gone = ["Bruma.csv", "Cordia.csv"] if whole else ["Bruma.csv"]
    assert read.failed == dict.fromkeys(gone, "there is no such file")
    assert set(read.table["unit"]) == ({"Anvilla"} if whole else {"Anvilla", "Cordia"})


@pytest.mark.parametrize("last", ["data.csv", "index.yaml", "scores.csv"])
@pytest.mark.parametrize("by", ["another result", "nothing"])
def test_a_saved_result_that_is_replaced_while_it_is_read_is_no_mixture(by, last, result, tmp_path, monkeypatch):
    """Digests tell: of two results no half is taken for a whole."""
    result.save(tmp_path / "kept")
    other = ei.compute(ei.load_index(PARTS).with_weights("services-first"), ei.sample(PARTS).head(9))
    read = Path.read_bytes

    def then_replaced(path: Path) -> bytes:
        content = read(path)
        if path.name == last and path.parent.name == "kept":
            monkeypatch.undo()
            if by == "nothing":
                shutil.rmtree(path.parent)
            else:
                other.save(path.parent, overwrite=True)
        return content

    monkeypatch.setattr(Path, "read_bytes", then_replaced)
    with pytest.raises(ei.DataError):
        ei.load_result(tmp_path / "kept")
    if by == "nothing":
        assert list(tmp_path.iterdir()) == []
    else:
        assert ei.load_result(tmp_path / "kept").scores.equals(other.scores)


# --- several at once
def test_writers_of_one_file_do_not_mix(tmp_path):
    target = tmp_path / "one"
    texts = [bytes([65 + at]) * 200_000 for at in range(8)]

    def write(text: bytes) -> None:
        for _ in range(10):
            with whole_or_not_at_all(target, overwrite=True) as part:
                part.write_bytes(text)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if target.exists():
            assert target.read_bytes() in texts
    for thread in threads:
        thread.join()
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_savers_of_one_folder_do_not_mix(result, tmp_path):
    def save() -> None:
        for _ in range(4):
            result.save(tmp_path / "kept", overwrite=True)

    result.save(tmp_path / "kept")
    threads = [threading.Thread(target=save) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert (tmp_path / "kept" / "SHA256SUMS").exists() or not hasattr(os, "O_DIRECTORY")
    for thread in threads:
        thread.join()
    assert ei.verify(tmp_path / "kept").identical


# --- rooms
def dead_room(folder: Path, holds: str = '["a"]') -> Path:
    room = folder / f"{beside.PREFIX}dead"
    room.mkdir()
    (room / ".egovindex-holds").write_text(holds)
    return room


def test_the_room_of_a_dead_process_is_cleared_and_nothing_else(tmp_path):
    room = dead_room(tmp_path)
    (room / "a").write_text("half")
    (room / "thesis").write_text("precious")
    (tmp_path / "b").write_text("kept")
    beside.sweep(tmp_path)
    assert files_in(room) == {".egovindex-holds": b'["a"]', "thesis": b"precious"}
    (room / "thesis").unlink()
    beside.sweep(tmp_path)
    assert files_in(tmp_path) == {"b": b"kept"}


@pytest.mark.parametrize("name", ["../b", "/etc/hostname", "link/b", "", "..", "a/../../b"])
def test_a_list_of_somebody_else_reaches_nothing_outside(name, tmp_path):
    (tmp_path / "b").write_text("precious")
    room = dead_room(tmp_path, json.dumps([name]))
    (room / "link").symlink_to(tmp_path)
    beside.sweep(tmp_path)
    assert (tmp_path / "b").read_text() == "precious"
    assert Path("/etc/hostname").exists() == Path("/etc").exists()


def test_a_room_in_use_is_left_alone(tmp_path):
    with beside.room_beside(tmp_path / "a", ["a"]) as room:
        (room / "a").write_text("under way")
        beside.sweep(tmp_path)
        assert (room / "a").read_text() == "under way"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs the names of open files")
def test_what_is_in_place_was_flushed_before(tmp_path, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: told.append(Path(f"/proc/self/fd/{handle}").readlink().name))
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: (told.append("in place"), replace(self, to))[1])
    with whole_or_not_at_all(tmp_path / "a", overwrite=True) as part:
        part.write_bytes(b"x")
    assert told == ["a", "in place", tmp_path.name]


# --- the same bytes
def test_a_workbook_has_the_same_bytes_at_another_time(result, tmp_path, monkeypatch):
    result.to_excel(tmp_path / "a.xlsx")
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time((2031, 5, 6, 7, 8, 9, 1, 126, 0)))
    monkeypatch.setattr(time, "time", lambda: 1935817689.0)
    monkeypatch.setattr(tempfile, "mkstemp", None)  # no sheet is written anywhere else on the way
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", None)
    result.to_excel(tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
