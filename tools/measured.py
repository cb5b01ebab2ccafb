"""A command in a process of its own, with the time and the memory that it takes."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    exit_code: int
    seconds: float
    memory: float
    """MiB, at the peak of this process or of the largest that it started and waited for."""


def measured(*command: str) -> Measured:
    """Run a command to its end. Its output is thrown away."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(process.returncode, seconds, usage.ru_maxrss / 1024)
