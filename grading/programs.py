"""JAX's compiled programs of single operations, made once a lesson, so that not every submission compiles them anew.

Where JAX runs an operation on arrays of a shape for the first time, it compiles a program for it: some hundredths of a
second, a hundred times in a lesson. The lesson's own solution is run in a jail of its own, and what it compiles is kept
for the submissions. Only programs of JAX's own operations are: those of functions that the lesson defines hold answers.
"""

import hashlib
import importlib
import os
import platform
import re
import secrets
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import nbformat
import platformdirs

from grading import notebooks, plugins, trusted
from grading.graft import graft, graft_submission
from grading.sandbox import Jail, Limits
from grading.task import code_version

__all__ = ["WORTH_IT", "compiled"]

WORTH_IT = 8
"""So many submissions to grade make up for the time that it takes."""

UNFINISHED = ".new-"
OLD_SECONDS = 3_600.0
KEY = "key"
CONTROL_FLOW = {"scan", "while_loop", "cond", "map", "fori_loop", "switch", "associative_scan", "stop_gradient"}
ENTRY = re.compile(r"jit_+([a-z]\w*)-[0-9a-f]{64}-cache")


def compiled(lesson: str, released: str, instructor: str, *, worth_it: bool = True) -> Path | None:
    """Give the folder of programs for a lesson, making it first if there is none.

    Parameters
    ----------
    lesson : str
        The lesson's name.
    released, instructor : str
        The released notebook, and the instructor's with the solutions in it.
    worth_it : bool
        Whether to make it; else it is only used if it is there.

    Returns
    -------
    Path or None
        None if the lesson does not use JAX, or there is no such folder. Without it, all is the same and takes longer.
    """
    modules = trusted.modules_of(nbformat.reads(released, as_version=4))
    if "jax" not in modules or find_spec("jax") is None:
        return None
    versions = [metadata.version(name) for name in ("jax", "jaxlib")]
    parts = [released, instructor, code_version(), *versions, sys.version, platform.machine(), platform.node()]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    folder = Path(platformdirs.user_cache_dir("gdexercises"), "programs", lesson)
    with suppress(OSError):
        if (folder / KEY).read_text() == key:
            return folder
    if not worth_it:
        return None
    with suppress(OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        _make(folder, key, released, instructor, modules)
        return folder
    return None


def _make(folder: Path, key: str, released: str, instructor: str, modules: tuple[str, ...]) -> None:
    lesson = nbformat.reads(released, as_version=4)
    solution = graft(lesson, notebooks.solutions(nbformat.reads(instructor, as_version=4)))
    for left in folder.parent.glob(f"{UNFINISHED}*"):  # by one that was killed
        if time.time() - left.stat().st_mtime > OLD_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=UNFINISHED) as temporary:
        filled, kept = Path(temporary, "filled"), Path(temporary, "kept")
        filled.mkdir()
        filled.chmod(0o777)  # in the jail, it is nobody who writes
        Path(temporary).chmod(0o755)
        kept.mkdir()
        before = {name: os.environ.get(name) for name in (plugins.SEED_VARIABLE, "NBGRADER_EXECUTION")}
        try:
            os.environ["NBGRADER_EXECUTION"] = "autograde"  # a check then takes more inputs
            with Jail(Limits(), modules, filled, fill=True) as jail:
                os.environ[plugins.SEED_VARIABLE] = secrets.token_hex(32)
                trusted.run(graft_submission(lesson, solution), jail)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
        for path in filled.iterdir():
            if _is_jaxs_own(path.name, instructor):
                shutil.copyfile(path, kept / path.name)
        (kept / KEY).write_text(key)
        shutil.rmtree(folder, ignore_errors=True)
        kept.rename(folder)


def _is_jaxs_own(name: str, instructor: str) -> bool:
    """Whether a program is that of one of JAX's operations, going by its name."""
    found = ENTRY.fullmatch(name)
    if found is None or found[1] in CONTROL_FLOW or re.search(rf"\bdef _*{found[1]}\b", instructor):
        return False
    places = [importlib.import_module(place) for place in ("jax.numpy", "jax.lax")]
    return any(hasattr(place, what) for place in places for what in (found[1], f"{found[1]}_p"))
