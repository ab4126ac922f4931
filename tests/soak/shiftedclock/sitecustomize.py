"""Shifts a Python program's time of day, by as many seconds as the file that CLOCK_SHIFT names says at the moment."""

import mmap
import os
import struct
import time

with open(os.environ["CLOCK_SHIFT"], "r+b") as file:  # noqa: PTH123 (what starts with every program loads little)
    shift = mmap.mmap(file.fileno(), 8)
real, real_ns = time.time, time.time_ns
time.time = lambda: real() + struct.unpack_from("d", shift)[0]
time.time_ns = lambda: real_ns() + int(struct.unpack_from("d", shift)[0] * 10**9)
