"""Texts as files that are there as a whole or not at all."""

from __future__ import annotations

import pytest

import egovindex as ei
from egovindex.sensitivity.saving import save_text


def test_a_text_is_written_as_it_is(tmp_path):
    path = tmp_path / "doubt.yaml"
    save_text("été\n", path, overwrite=False)
    assert path.read_bytes() == "été\n".encode()
    save_text("other\n", str(path), overwrite=True)
    assert path.read_bytes() == b"other\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_stays(tmp_path):
    path = tmp_path / "doubt.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ei.DataError, match="the file exists; overwrite=True replaces it") as caught:
        save_text("other", path, overwrite=False)
    fault = caught.value.faults[0]
    assert (fault.file, fault.check) == ("doubt.yaml", "target_exists")
    assert path.read_text(encoding="utf-8") == "mine"
    doubt = ei.Doubt(weights=ei.simplex())
    with pytest.raises(ei.DataError, match="the file exists"):
        doubt.save(path)


def test_there_is_no_such_folder(tmp_path):
    with pytest.raises(ei.DataError, match='there is no folder "nowhere" to write into') as caught:
        save_text("x", tmp_path / "nowhere" / "doubt.yaml", overwrite=False)
    fault = caught.value.faults[0]
    assert (fault.file, fault.check) == ("doubt.yaml", "missing_file")
