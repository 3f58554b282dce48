"""JAX's compiled programs: made once a lesson, used by submissions, and nothing of an answer among them."""

import os
import time

import nbformat
import pytest

from gdexercises.checking.verdict import MIME
from grading import demo, notebooks, programs, trusted
from grading.graft import graft, graft_submission
from grading.sandbox import Jail, Limits

pytest.importorskip("jax")

LESSON = "08-jax-transforms"
COUNT = """
import logging
import jax
seen = []
class Listener(logging.Handler):
    def emit(self, record):
        seen.append(record.getMessage())
logging.getLogger("jax._src.compiler").addHandler(Listener())
logging.getLogger("jax._src.compiler").setLevel(logging.DEBUG)
logging.getLogger("jax._src.compiler").propagate = False
"""
USE = "import jax.numpy as jnp\nprint(jnp.float32(1))"
TOLD = "print([line for line in seen if 'cache hit' in line.lower()])"


@pytest.fixture(scope="module")
def lesson():
    source = demo.SOURCE / f"{LESSON}.py"
    released = (demo.SOURCE.parents[1] / "course" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    return released, nbformat.writes(notebooks.read_source(source))


@pytest.fixture(scope="module")
def folder(lesson, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        cache = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(cache))
        for name, hours in (("killed", 2), ("another", 0)):
            unfinished = cache / "gdexercises" / "programs" / f"{programs.UNFINISHED}{name}"
            unfinished.mkdir(parents=True)
            os.utime(unfinished, 2 * (time.time() - 3_600 * hours,))
        found = programs.compiled(LESSON, *lesson)
        assert programs.compiled(LESSON, *lesson, worth_it=False) == found  # now it is there
        assert programs.compiled(LESSON, lesson[0], lesson[1] + " ", worth_it=False) is None  # of another lesson
    return found


def test_what_a_killed_run_left_is_removed(folder):
    assert [path.name for path in folder.parent.glob(f"{programs.UNFINISHED}*")] == [f"{programs.UNFINISHED}another"]


def test_only_operations_of_jax_are_kept(folder, lesson):
    kept = [programs.ENTRY.fullmatch(path.name)[1] for path in folder.iterdir() if path.name != programs.KEY]
    assert {"add", "multiply"} <= set(kept)
    solutions = notebooks.solutions(nbformat.reads(lesson[1], as_version=4))
    assert not set(kept) & {*solutions, "loss", "epoch", "lambda", "scan", "train_loop"}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("jit_add", True),
        ("jit__mean", True),
        ("jit_reduce_sum", True),
        ("jit_dynamic_slice", True),
        ("jit_scan", False),
        ("jit_while_loop", False),
        ("jit__lambda", False),
        ("jit_train_scan", False),
        ("jit_square", False),  # which this lesson defines itself
        ("add", False),
        ("jit_add.txt", False),
    ],
)
def test_a_program_is_known_by_its_name(name, kept):
    assert programs._is_jaxs_own(f"{name}-{'0' * 64}-cache", "def square(x):\n    return x * x") is kept
    assert not programs._is_jaxs_own(name, "")


def test_submissions_use_them_and_cannot_add_to_them(folder, lesson):
    before = sorted(path.name for path in folder.iterdir())
    released = nbformat.reads(lesson[0], as_version=4)
    solved = graft(released, notebooks.solutions(nbformat.reads(lesson[1], as_version=4)))
    with Jail(Limits(), trusted.modules_of(released), folder) as jail:
        with jail.sandbox() as sandbox:
            sandbox.run_cell(COUNT)
            sandbox.run_cell(USE)
            told = sandbox.run_cell(TOLD)
            assert "jit_convert_element_type" in str(told)
            refused = sandbox.run_cell(
                "import os\nwhere = os.environ['JAX_COMPILATION_CACHE_DIR']\nopen(where + '/mine', 'w')"
            )
            assert "Read-only" in str(refused) or "Permission" in str(refused)
        nb = trusted.run(graft_submission(released, solved), jail)
    assert all(cell.outputs[0].data[MIME]["passed"] for cell in nb.cells if trusted.is_check(cell))
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_lesson_without_jax_needs_none(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    released = (demo.SOURCE.parents[1] / "course/01-five-steps/01-five-steps.ipynb").read_text(encoding="utf-8")
    assert programs.compiled("01-five-steps", released, released) is None
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_kept_grading_goes_on_without(lesson, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert programs.compiled(LESSON, *lesson) is None


@pytest.mark.parametrize(
    ("lesson", "wanted"),
    [
        ("01-five-steps", ("numpy",)),
        ("04-autograd", ("numpy", "torch")),
        ("06-curves", ("numpy", "torch", "torch._dynamo")),
        ("08-jax-transforms", ("numpy", "jax", "jax.numpy")),
        ("09-optimizers", ("numpy", "torch", "torch._dynamo", "jax", "jax.numpy")),  # its checks use all three
    ],
)
def test_a_jail_has_ready_what_the_lesson_imports(lesson, wanted):
    released = nbformat.read(demo.SOURCE.parents[1] / "course" / lesson / f"{lesson}.ipynb", as_version=4)
    module = lesson.split("-", 1)[1].replace("-", "_")
    own = (f"gdexercises.{module}", f"gdexercises.tuning.{module}")
    found = trusted.modules_of(released)
    assert found[: len(wanted)] == wanted
    assert tuple(name for name in found[len(wanted) :] if name != "gdexercises.figures") == own


def test_without_jax_there_are_none_and_lessons_that_can_do_without_are_graded(lesson, monkeypatch):
    monkeypatch.setattr(programs, "find_spec", lambda name: None)
    assert programs.compiled(LESSON, *lesson) is None
