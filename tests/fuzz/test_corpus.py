"""Every kept input is read again, and refused by the check in its name; some new ones are tried, the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.readers import READERS
from tests.fuzz.running import name_of, outcome_of

CORPUS = Path(__file__).with_name("corpus")
BY_NAME = {reader.name: reader for reader in READERS}
NEW = 3


@pytest.mark.parametrize("name", BY_NAME)
def test_kept_inputs(name, tmp_path):
    files = sorted((CORPUS / name).iterdir())
    assert files, f"no input of {name} is kept"
    for at, file in enumerate(files):
        folder = tmp_path / str(at)
        folder.mkdir()
        outcome = outcome_of(BY_NAME[name], file.read_bytes(), folder)
        assert not outcome.is_crash, f"{file.name}: {outcome.check} {outcome.detail}"
        assert name_of(outcome.check) == file.name.partition("--")[0], file.name


@pytest.mark.parametrize("name", BY_NAME)
def test_new_inputs(name, tmp_path):
    for number in range(NEW):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = outcome_of(BY_NAME[name], BY_NAME[name].input(0, number), folder, number)
        assert not outcome.is_crash, f"input {number} of seed 0: {outcome.check} {outcome.detail}"


def test_inputs_come_from_their_seed():
    reader = BY_NAME["index"]
    assert [reader.input(7, at) for at in range(5)] == [reader.input(7, at) for at in range(5)]
    assert len({reader.input(7, at) for at in range(20)}) > 10


def test_every_folder_has_a_reader():
    assert {folder.name for folder in CORPUS.iterdir()} == set(BY_NAME)
