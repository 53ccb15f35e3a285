"""Inputs led by the branches they reach: ``python -m tests.fuzz.guided index --minutes 10``.

Needs atheris, which runs on few versions of Python. Where bytes are a language of ours, as in files of YAML and in
prints, an input that reaches a new branch is worth keeping and changing again. Archives and tables are read by other
libraries, whose branches are not seen: there the changes of ``mutate.py`` and ``archives.py`` get farther.
"""

# ruff: noqa: T201 - a program that prints what it did
from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]

MOST = 8_000  # bytes of one input
PARTS = ["egovindex.spec", "egovindex.responses", "egovindex.coding", "egovindex.sensitivity"]


def main(words: list[str] | None = None) -> None:
    """Goes on until the time is over or an input is no good; that input is kept in ``build/fuzz/guided``."""
    try:
        import atheris
    except ModuleNotFoundError:
        sys.exit("the guided fuzzer needs atheris: pip install atheris, into the environment of this project")

    with atheris.instrument_imports(include=PARTS):
        from tests.fuzz.readers import READERS
    from tests.fuzz.running import outcome_of

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__)
    parser.add_argument("reader", choices=[one.name for one in READERS])
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args(words)
    reader = next(one for one in READERS if one.name == asked.reader)
    kept = Path("build/fuzz/guided", reader.name)
    kept.mkdir(parents=True, exist_ok=True)
    seeds = Path(tempfile.mkdtemp(prefix="fuzz-seeds-"))
    for number, seed in enumerate(dict.fromkeys(reader.seeds())):
        (seeds / str(number)).write_bytes(seed)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-guided-"))

    def try_one(content: bytes) -> None:
        outcome = outcome_of(reader, content, folder)
        if outcome.is_crash:
            print(f"CRASH {reader.name} {outcome.check[1:]}: {outcome.detail}")
            raise AssertionError(outcome.check)

    options = [f"-max_total_time={round(60 * asked.minutes)}", f"-max_len={MOST}", f"-artifact_prefix={kept}/"]
    atheris.Setup([sys.argv[0], *options, str(kept), str(seeds)], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
