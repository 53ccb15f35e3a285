"""Every verb that reads or writes, on every awkward path, by a user who may not do all; run in a process of its own.

Prints as JSON what each gave: "fine", "told" and the message, or "raw" and the error.
"""

# ruff: noqa: T201 - a program that prints what it did
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import egovindex as ei

PARTS = "un-egdi-parts-2024"
NOBODY = 65534


def outcome(do: Callable[[], object]) -> list[str]:
    try:
        do()
    except ei.EgovindexError as error:
        return ["told", str(error)]
    except BaseException as error:  # noqa: BLE001 - the whole point
        return ["raw", repr(error)]
    return ["fine", ""]


def main(top: Path) -> dict[str, list[str]]:
    table = ei.sample(PARTS).head(4)
    result, doubt = ei.compute(PARTS, table), ei.Doubt(weights=ei.within(0.1))
    (top / "loop").symlink_to(top / "loop")
    (top / "plain").write_text("x")
    for name in ("closed", "unlisted", "unreadable"):
        result.save(top / name)
    (top / "t.csv").write_text("unit,item,mark\nA,q036,Yes\n")
    for name, mode in (("closed", 0o700), ("unlisted", 0o711), ("unreadable/scores.csv", 0), ("t.csv", 0)):
        (top / name).chmod(mode)
    top.chmod(0o755)
    if os.geteuid() == 0:  # mode bits do not bind root
        os.setuid(NOBODY)
    paths = {
        "links in a circle": top / "loop",
        "through links in a circle": top / "loop" / "x.xlsx",
        "a name too long": top / ("a" * 300 + ".xlsx"),
        "a zero byte": f"{top}/a\0b.xlsx",
        "below a file": top / "plain" / "x.xlsx",
        "in a closed folder": top / "closed" / "x.xlsx",
        "a folder that is not listed": top / "unlisted",
        "a folder with an unreadable file": top / "unreadable",
        "an unreadable file": top / "t.csv",
        "in a read-only folder": top / "new.xlsx",
        "a folder": top,
    }
    verbs: dict[str, Callable[[object], object]] = {
        "save": result.save,
        "save over": lambda path: result.save(path, overwrite=True),
        "to_excel": lambda path: result.to_excel(path, overwrite=True),
        "load_result": ei.load_result,
        "verify": ei.verify,
        "checkpoint": lambda path: ei.simulate(PARTS, table, doubt, 10, rng=1, checkpoint=path, executor=1),
        "doubt": doubt.save,
        "load_doubt": ei.load_doubt,
        "load_index": ei.load_index,
        "read_table": ei.read_table,
        "read_responses": lambda path: ei.read_responses(path, "un-msq-2022", format="tidy"),
    }
    return {
        f"{verb}: {what}": outcome(lambda do=do, path=path: do(path))  # type: ignore[misc]
        for what, path in paths.items()
        for verb, do in verbs.items()
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
