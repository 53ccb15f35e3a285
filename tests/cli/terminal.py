"""The command line as somebody sees it who looks at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys


def on_a_terminal(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output (a pipe) and standard error (a terminal)."""
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "egovindex", *words]
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=follower, env=environment, text=True) as run:
        os.close(follower)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        printed = run.stdout.read()
    os.close(leader)
    return run.returncode, printed, shown.decode("utf-8")
