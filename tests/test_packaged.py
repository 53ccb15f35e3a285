from __future__ import annotations

import pytest

from egovindex.packaged import find_folder, indicators_folder, weights_folder


def test_the_folders_exist_and_hold_yaml():
    assert list(indicators_folder().glob("*.yaml"))
    assert list(weights_folder().glob("*/*.yaml"))


def test_packaged_data_comes_before_the_checkout(tmp_path):
    package = tmp_path / "src" / "egovindex"
    (package / "_data" / "weights").mkdir(parents=True)
    (tmp_path / "weights").mkdir()
    assert find_folder("weights", package) == package / "_data" / "weights"


def test_a_checkout_has_the_folder_at_its_top(tmp_path):
    package = tmp_path / "src" / "egovindex"
    package.mkdir(parents=True)
    (tmp_path / "weights").mkdir()
    assert find_folder("weights", package) == tmp_path / "weights"


def test_a_stray_folder_beside_an_installation_is_not_taken(tmp_path):
    package = tmp_path / "lib" / "egovindex"
    package.mkdir(parents=True)
    (tmp_path / "weights").mkdir()
    with pytest.raises(FileNotFoundError):
        find_folder("weights", package)


def test_the_error_names_what_and_where(tmp_path):
    package = tmp_path / "src" / "egovindex"
    with pytest.raises(FileNotFoundError) as caught:
        find_folder("weights", package)
    message = str(caught.value)
    assert "'weights'" in message
    assert str(package / "_data" / "weights") in message
    assert str(tmp_path / "weights") in message
