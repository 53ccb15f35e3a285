"""The public names and signatures are those that are kept in tests/public_api.txt.

A change on purpose: ``python tools/public_api.py --renew``, read the difference, and say it in CHANGELOG.md. What may
change when stands in docs/stability.md.
"""

from __future__ import annotations

import difflib

from tools import public_api


def test_the_public_names_are_the_kept_ones():
    kept = public_api.KEPT.read_text(encoding="utf-8").splitlines()
    found = public_api.text().splitlines()
    told = "\n".join(difflib.unified_diff(kept, found, "tests/public_api.txt", "the source", lineterm="", n=0))
    assert kept == found, f"python tools/public_api.py --renew, if this is meant:\n{told}"


def test_the_snapshot_sees_a_changed_signature():
    def verb(index, *, rng=0): ...

    def other(index, *, rng=1): ...

    assert list(public_api._of("verb", verb)) == ["verb(index, *, rng=0)"]
    assert list(public_api._of("verb", other)) != ["verb(index, *, rng=0)"]


def test_the_snapshot_has_modules_classes_and_commands():
    found = public_api.text()
    for line in ("# egovindex.testing", "class Index", "egovindex score", "compute(index, data)"):
        assert line in found
