"""A class directory: its settings as nbgrader reads them, its lock, and files that are written whole or not at all."""

import contextlib
import logging
import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
from jupyter_core.paths import jupyter_config_path
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

__all__ = [
    "ASIDE",
    "CONFIG_FILE",
    "LOCK_FILE",
    "STATE_DIR",
    "Busy",
    "ClassError",
    "alone",
    "cause",
    "class_config",
    "listening",
    "open_class",
    "sync_folder",
    "write_aside",
    "write_whole",
]

CONFIG_FILE = "nbgrader_config.py"
LOCK_FILE = ".gdgrade.lock"

STATE_DIR = ".gdgrade"
"""A class directory's folder for what ``gdgrade`` notes for itself."""

ASIDE = ".gdgrade-"
"""How names of files begin that are written aside; what a killed run left of them is swept up by the next."""


class ClassError(ValueError):
    """Something about a class directory is not as it must be; the message says what, and what to do."""


class Busy(RuntimeError):
    """Somebody else is at work in the class."""


def open_class(class_dir: Path | str, db: str | None = None) -> CourseDirectory:
    """Read a class directory's settings; raises what `class_config` raises."""
    return CourseDirectory(config=class_config(class_dir, db))


def class_config(class_dir: Path | str, db: str | None = None) -> Config:
    """Load a class's settings as nbgrader does: the machine's ``nbgrader_config.py`` files, then the class's own.

    Parameters
    ----------
    class_dir : Path or str
        The class directory. If its own settings name no ``CourseDirectory.root``, the root is this folder.
    db : str, optional
        The gradebook's database, if it is another one than the settings say.

    Returns
    -------
    Config

    Raises
    ------
    FileNotFoundError
        If the folder has no ``nbgrader_config.py``.
    ClassError
        If one of the files is no Python, or fails.
    """
    path = Path(class_dir, CONFIG_FILE)
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: is {class_dir} a class directory? (`gdgrade new` makes one)")
    config = Config()
    for folder in reversed(jupyter_config_path()):
        if Path(folder, CONFIG_FILE).is_file():
            config.merge(_load(Path(folder, CONFIG_FILE)))
    own = _load(path)
    config.merge(own)
    if "root" not in own.CourseDirectory:
        config.CourseDirectory.root = str(path.parent.resolve())
    if db:
        config.CourseDirectory.db_url = db
    return config


def _load(path: Path) -> Config:
    try:
        return PyFileConfigLoader(path.name, path=str(path.parent.resolve())).load_config()
    except Exception as error:
        if isinstance(error, SyntaxError):
            line = error.lineno
        else:
            lines = [
                frame.lineno
                for frame in traceback.extract_tb(error.__traceback__)
                if frame.filename.endswith(path.name)
            ]
            line = lines[-1] if lines else None
        where = f"line {line} of {path}" if line else str(path)
        what = error.msg if isinstance(error, SyntaxError) else error
        raise ClassError(f"{where} cannot be read: {type(error).__name__}: {what}. Mend that line") from error


@contextlib.contextmanager
def alone(
    root: Path | str,
    *,
    wait: bool = False,
    waits: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
) -> Iterator[None]:
    """Hold the class's lock: one at a time grades a class, or changes what is released or collected in it.

    The system gives the lock back if this process ends, however it ends. What it left aside in the class's own folder
    and in `STATE_DIR` is swept up by the next.

    Parameters
    ----------
    root : Path or str
        The class directory.
    wait : bool
        Whether to wait for who holds it, in a context that ``waits`` gives.

    Raises
    ------
    Busy
        If somebody else holds it, and ``wait`` is false.
    ClassError
        If the directory cannot be written to.
    """
    lock = filelock.FileLock(Path(root, LOCK_FILE))
    try:
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            if not wait:
                raise Busy(
                    f"somebody else is at work in {root} now ({LOCK_FILE} is held). Nothing was done. "
                    "Try again when that is done, or wait for it with --wait"
                ) from None
            with waits():
                lock.acquire()
    except OSError as error:
        raise ClassError(f"{root} cannot be written to: {error.strerror}") from error
    try:
        _sweep(Path(root))
        yield
    finally:
        lock.release()


def _sweep(root: Path) -> None:
    state = root / STATE_DIR
    for path in (*root.glob(f"{ASIDE}*"), *state.glob(f"{ASIDE}*"), *state.glob(f"*/{ASIDE}*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def listening(log: logging.Logger | logging.LoggerAdapter) -> Iterator[list[str]]:
    """Keep what nbgrader says of errors, instead of showing it."""
    logger = log.logger if isinstance(log, logging.LoggerAdapter) else log
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info and record.exc_info[1]
            text = record.getMessage()
            said.append(f"{text.rstrip('.')}: {error}" if error else text)

    listener, handlers, propagate = Listener(logging.ERROR), logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [listener], False
    try:
        yield said
    finally:
        logger.handlers, logger.propagate = handlers, propagate


def cause(said: list[str], error: BaseException | None = None) -> str:
    """Why something failed, by what was heard and raised; empty if it did not.

    It is what was said first: what is said after it follows from it.
    """
    if said:
        return said[0].strip().splitlines()[0].rstrip(".")
    return (str(error) or type(error).__name__) if error else ""


def write_whole(path: Path | str, content: bytes, mode: int | None = None) -> None:
    """Write a file such that, whatever happens, it is there whole: as it was before, or as it is to be.

    Parameters
    ----------
    path : Path or str
        Its folder is made if need be. A link is not followed but replaced.
    content : bytes
    mode : int, optional
        Its rights; those of the file that was there if it is not given, else what the umask leaves.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if mode is None:
        mode = path.stat().st_mode & 0o777 if path.is_file() else 0o666 & ~_umask()
    aside = write_aside(path.parent, content)
    try:
        aside.chmod(mode)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_aside(folder: Path, content: bytes) -> Path:
    """Write a file that is whole on the disk before anything counts on it; give its path."""
    descriptor, name = tempfile.mkstemp(prefix=ASIDE, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(folder)
        raise
    return Path(name)


def sync_folder(folder: Path) -> None:
    """Have the disk know of what was renamed in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
