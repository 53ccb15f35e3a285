"""The instrument of a module."""

from __future__ import annotations

import pytest

import egovindex as ei


@pytest.fixture(scope="module")
def form(request, tmp_path_factory) -> ei.Instrument:
    """The instrument that the module writes down as ``FORM``."""
    path = tmp_path_factory.mktemp("form") / "survey.yaml"
    path.write_text(request.module.FORM, encoding="utf-8")
    return ei.load_instrument(path)
