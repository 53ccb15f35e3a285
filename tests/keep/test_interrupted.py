"""A folder or a workbook is there as a whole or not at all, wherever it is interrupted."""

from __future__ import annotations

import errno
import itertools
import sys
from pathlib import Path

import pytest

import egovindex as ei
from egovindex.keep import folder as folder_module
from egovindex.keep.save import saved_files

PARTS = "un-egdi-parts-2024"
TABLE = ei.sample(PARTS).head(4)


@pytest.fixture(scope="module")
def old() -> ei.IndexResult:
    return ei.compute(PARTS, TABLE)


@pytest.fixture(scope="module")
def new() -> ei.IndexResult:
    return ei.compute(ei.load_index(PARTS).with_weights("services-first"), TABLE)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


class Interrupt:
    """Raises at the n-th line that a module runs."""

    def __init__(self, module: object, at: int, error: type[BaseException]) -> None:
        self.file, self.left, self.error = module.__file__, at, error
        self.reached = False

    def __call__(self, frame, event, arg):
        if frame.f_code.co_filename != self.file:
            return None
        if event == "line":
            if self.left == 0:
                self.reached = True
                raise self.error(errno.EIO, "Input/output error")
            self.left -= 1
        return self

    def __enter__(self) -> Interrupt:
        self.before = sys.gettrace()
        sys.settrace(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.before)


# interrupted between the last line of the block and its end, the temporary folder goes with its last reference
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
@pytest.mark.parametrize("overwrite", [True, False])
def test_interrupted_at_any_line_the_old_or_the_new_is_whole(tmp_path, old, new, overwrite, error):
    files = {"old": saved_files(old, "csv"), "new": saved_files(new, "csv")}
    folder_module.write_folder(tmp_path / "new", files["new"], overwrite=False)
    whole = [content(tmp_path / "new")]
    outcomes = set()
    for at in itertools.count():
        target = tmp_path / str(at) / "kept"
        target.parent.mkdir()
        if overwrite:
            folder_module.write_folder(target, files["old"], overwrite=False)
            whole.append(content(target))
        interrupt = Interrupt(folder_module, at, error)
        try:
            with interrupt:
                folder_module.write_folder(target, files["new"], overwrite=overwrite)
        except (error, ei.DataError):
            pass
        found = content(target) if target.exists() else None
        assert found in ([*whole] if overwrite else [*whole, None]), at
        outcomes.add(None if found is None else whole.index(found) > 0)
        assert target.exists() or list(target.parent.iterdir()) == []  # nothing is left behind
        if not interrupt.reached:
            break
    assert at > 30
    assert outcomes == ({True, False} if overwrite else {None, False})


@pytest.mark.parametrize("after", [pytest.param(True, marks=pytest.mark.slow), False])
@pytest.mark.parametrize("call", ["mkdir", "write_bytes", "rename", "unlink"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_call_that_fails_leaves_the_old_or_the_new_whole(tmp_path, old, new, monkeypatch, call, after, error):
    old.save(tmp_path / "kept")
    new.save(tmp_path / "new")
    whole = [content(tmp_path / "kept"), content(tmp_path / "new")]
    real = getattr(Path, call)
    for at in range(12):
        calls = itertools.count()

        def broken(self, *args, _calls=calls, _at=at, **options):
            turn = next(_calls)
            if turn == _at and not after:
                raise error
            done = real(self, *args, **options)
            if turn == _at:
                raise error
            return done

        with monkeypatch.context() as patch:
            patch.setattr(Path, call, broken)
            try:
                new.save(tmp_path / "kept", overwrite=True)
            except KeyboardInterrupt:
                pass
            except ei.DataError as fault:
                assert "No space left on device" in str(fault)  # noqa: PT017 - only where it fails
        assert content(tmp_path / "kept") in whole
        old.save(tmp_path / "kept", overwrite=True)


def test_a_target_is_kept_unless_it_is_a_saved_result_and_asked_for(tmp_path, old, new):
    kept = tmp_path / "kept"
    old.save(kept)
    before = content(kept)
    with pytest.raises(ei.DataError, match="overwrite=True replaces a saved result"):
        new.save(kept)
    assert content(kept) == before
    new.save(kept, overwrite=True)
    assert ei.load_result(kept).index.weights == "services-first"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("what", ["foreign file", "foreign folder", "hidden file", "link", "file", "no manifest"])
def test_what_is_no_saved_result_is_never_replaced(tmp_path, old, new, what):
    kept = tmp_path / "kept"
    old.save(kept)
    if what == "foreign file":
        (kept / "thesis.docx").write_bytes(b"precious")
    elif what == "hidden file":
        (kept / ".git").write_bytes(b"precious")
    elif what == "foreign folder":
        (kept / "inside").mkdir()
    elif what == "link":
        (kept / "scores.csv").unlink()
        (kept / "scores.csv").symlink_to(tmp_path)
    elif what == "no manifest":
        (kept / "manifest.json").write_bytes(b"{}")
    else:
        kept = tmp_path / "one file"
        kept.write_bytes(b"precious")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ei.DataError, match="no saved result"):
        new.save(kept, overwrite=True)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_foreign_file_that_comes_in_meanwhile_is_kept(tmp_path, old, new, monkeypatch):
    old.save(tmp_path / "kept")
    real = Path.write_bytes

    def late(self, content):
        real(tmp_path / "kept" / "thesis.docx", b"precious")
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", late)
    with pytest.raises(ei.DataError, match=r"something is left in \.egovindex-"):
        new.save(tmp_path / "kept", overwrite=True)
    monkeypatch.undo()
    assert ei.verify(tmp_path / "kept").identical
    assert [path.read_bytes() for path in tmp_path.glob(".egovindex-*/*")] == [b"precious"]


def test_an_empty_folder_may_be_replaced(tmp_path, old):
    (tmp_path / "kept").mkdir()
    with pytest.raises(ei.DataError, match="of this name already"):
        old.save(tmp_path / "kept")
    old.save(tmp_path / "kept", overwrite=True)
    assert ei.verify(tmp_path / "kept").identical


def test_a_link_to_a_folder_stays_a_link(tmp_path, old, new):
    old.save(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    new.save(tmp_path / "link", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert ei.load_result(tmp_path / "real").index.weights == "services-first"


def test_there_must_be_a_folder_to_write_into(tmp_path, old):
    with pytest.raises(ei.DataError, match='there is no folder "none" to write into'):
        old.save(tmp_path / "none" / "kept")
