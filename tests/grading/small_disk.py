"""Grade a class on a disk that is full, and then on one that is not: unshare --mount python -m tests.grading.small_disk

The arguments are the class, an empty folder to mount the disk on, and where the class is to be copied in the end.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.grading import classes

SIZE = 4 * 2**20


def fill(disk: Path, left: int) -> None:
    """Leave so many bytes."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    there = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, there.f_bavail * there.f_frsize - left)


def main() -> None:
    source, disk, target = map(Path, sys.argv[1:])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", disk], check=True)
    directory = classes.copy_class(source, disk / "class")
    runs = []
    for pages in (0, 2, 7, 23, 33, None):
        if pages is None:
            (disk / "filler").unlink()
        else:
            fill(disk, pages * 4096)
        with classes.gdgrade(directory) as process:
            said = "\n".join(process.communicate(timeout=300))
        runs.append({"pages": pages, "status": process.returncode, "said": said, "left": classes.leftovers(directory)})
    shutil.copytree(directory, target)
    print(json.dumps(runs))


if __name__ == "__main__":
    main()
