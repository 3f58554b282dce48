"""Read by the process that workers are forked from: as the last one that ends, it removes what all have left behind.

The workers and the command itself may be killed at any moment, and then remove nothing.
"""

import atexit
import gc
import os
import shutil

__all__ = ["ROOM_VARIABLE"]

ROOM_VARIABLE = "GDGRADE_ROOM"
"""Environment variable in which that process, and no other, finds the folder."""

if ROOM_VARIABLE in os.environ:
    gc.disable()  # until `grading.readied`: nothing of what is imported now is garbage
    # A worker that is forked from it ends without `atexit`.
    atexit.register(shutil.rmtree, os.environ[ROOM_VARIABLE], ignore_errors=True)
