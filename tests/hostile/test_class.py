"""All of them in one class, among people who did their work, graded by nbgrader's own commands."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from grading import demo, report
from grading.graft import graft
from tests.hostile import broken, lesson
from tests.hostile.conftest import CANARY, World
from tests.hostile.pages import what_could_run

pytestmark = [pytest.mark.xdist_group("hostile-class"), pytest.mark.slow]

LIMITS = "\nc.WalledExecute.limits = {limits!r}\n"
WRONG = {
    "height": ("def height(w):\n    return w - 1 ** 2", "difference_not_squared"),
    "roll": ("def roll(w, lr, n_steps):\n    return w", "does_not_move"),
    "gradients": ("def gradients(x, y, b, w):\n    return 0.0, 0.0", "value"),
}
N_HONEST = 40


@dataclass
class Class:
    """A class that was graded: who must have which score, and is told which words."""

    played: demo.Demo
    world: World
    scores: dict[str, float]
    told: dict[str, list[str]]
    temporary: Path
    handed_in: dict[Path, object]

    def page(self, student: str) -> str:
        return self.played.feedback(student, lesson.NAME).read_text()


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory, released, solutions):
    folder = tmp_path_factory.mktemp("hostile")
    played = demo.Demo(folder / "class", (lesson.NAME,))
    world = World(tmp_path_factory.mktemp("around"))
    temporary = folder / "tmp"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "CONFIG", _config(folder))
        patch.setenv("TMPDIR", str(temporary))
        (folder / "answers").mkdir()
        (folder / "answers" / "roster.csv").write_text("id,first_name,last_name,email\n")
        demo._make_class(played, folder / "answers")
        demo._make_source(played, lesson.make_source(folder))
        demo._nbgrader(played, "generate_assignment", lesson.NAME)
        graded = Class(played, world, {}, {}, temporary, {})
        _hand_in(graded, released, solutions)
        graded.handed_in = _contents(played.directory / "submitted")
        demo._nbgrader(played, "autograde", lesson.NAME)
        demo._nbgrader(played, "generate_feedback", lesson.NAME)
    yield graded
    world.close()


def _config(folder: Path) -> Path:
    path = folder / demo.CONFIG.name
    path.write_text(demo.CONFIG.read_text() + LIMITS.format(limits=lesson.LIMITS))
    return path


def _hand_in(graded: Class, released, solutions) -> None:
    def folder_of(name: str) -> tuple[str, Path]:
        # In no order that follows from what they are, and the same every time.
        student = f"{hashlib.sha256(name.encode()).hexdigest()[:4]}_{name}"
        folder = graded.played.directory / "submitted" / student / lesson.NAME
        folder.mkdir(parents=True)
        return student, folder

    for submission in lesson.all_submissions():
        student, folder = folder_of(submission.name)
        nb = submission.notebook(released, solutions, graded.world.places)
        (folder / broken.FILE).write_bytes(lesson.as_bytes(nb))
        graded.scores[student] = submission.score
        graded.told[student] = submission.finding
    for name, thing in broken.all_broken(released, solutions, graded.world.folder).items():
        student, folder = folder_of(name)
        thing.hand_in(folder)
        graded.scores[student] = thing.score
        graded.told[student] = [thing.told] if thing.told else []
    for number in range(N_HONEST):
        student, folder = folder_of(f"honest{number}")
        missed = [name for index, name in enumerate(WRONG) if number >> index & 1]
        nb = graft(released, solutions | {name: WRONG[name][0] for name in missed})
        (folder / broken.FILE).write_bytes(lesson.as_bytes(nb))
        graded.scores[student] = sum(points for name, points in lesson.POINTS.items() if name not in missed)
        graded.told[student] = []


def _contents(folder: Path) -> dict[Path, object]:
    """What lies in a folder: the bytes of each plain file of a size, and what each other thing is."""
    found: dict[Path, object] = {}
    for path in folder.rglob("*"):
        about = path.lstat()
        plain = path.is_file() and not path.is_symlink() and about.st_size < 2**25
        found[path] = path.read_bytes() if plain else (about.st_mode, about.st_size)
    return found


@pytest.fixture(scope="module")
def found(graded_class):
    return {each.student: each for each in report.findings(graded_class.played.directory, lesson.NAME)}


def test_everybody_has_exactly_the_score_that_is_due(graded_class, found):
    assert {student: each.score for student, each in found.items()} == graded_class.scores
    assert {each.max_score for each in found.values()} == {broken.FULL}
    assert sum("honest" in student for student in found) >= N_HONEST
    assert len(found) > 180


def test_mistakes_of_the_honest_are_named(found):
    for number in range(N_HONEST):
        [each] = [each for student, each in found.items() if student.endswith(f"_honest{number}")]
        for index, (name, (_, mistake)) in enumerate(WRONG.items()):
            [check] = [check for check in each.checks if check.exercise == name]
            assert check.mistake == (mistake if number >> index & 1 else None), (each.student, check)


def test_everybody_is_told_what_happened(graded_class, found):
    for student, words in graded_class.told.items():
        page = re.sub(r"<[^>]+>", "", graded_class.page(student)).replace("&#x27;", "'").replace("&#39;", "'")
        page = page.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
        for each in words:
            assert each in page or each in (found[student].finding or ""), (student, each)


def test_pages_show_no_secret_and_run_nothing(graded_class):
    secret = (graded_class.played.directory / ".gdexercises-secret").read_text().strip()
    own = {student: what_could_run(graded_class.page(student)) for student in graded_class.scores}
    [plain] = [found for student, found in own.items() if student.endswith("_honest0")]
    for student, found in own.items():
        extra = set(found) - set(plain)
        assert extra <= {"<img>", "img alt", "img src"}, (student, extra)  # plots
        page = graded_class.page(student)
        assert secret not in page
        assert CANARY not in page
        assert not re.search(r"<img[^>]+src=\"(?!data:image/(png|jpeg);)", page)
        assert found.count("<script>") == plain.count("<script>")


def test_nothing_outside_was_touched(graded_class):
    graded_class.world.check_unchanged()
    directory = graded_class.played.directory
    assert _contents(directory / "submitted") == graded_class.handed_in
    names = {path.name for path in directory.iterdir()}
    assert names - {demo.MARKER, ".jupyter_cache"} == {
        "nbgrader_config.py", "roster.csv", ".gdexercises-secret", "source", "release", "submitted", "autograded",
        "feedback", "gradebook.db", "nbgrader.log",
    }  # fmt: skip
    for path in (directory / "autograded").rglob("*"):
        assert not path.is_symlink()
        assert path.is_dir() or path.name == broken.FILE


def test_nothing_is_left_behind(graded_class):
    left = [path.name for path in graded_class.temporary.iterdir()]
    assert [name for name in left if not name.startswith("jupyter-clean-cfg-")] == []  # that one is Jupyter's own habit
    mark = str(graded_class.temporary)
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert mark not in path.read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
    assert mark not in Path("/proc/self/mountinfo").read_text()


def test_autograded_notebooks_are_of_a_size_and_valid(graded_class):
    for student in graded_class.scores:
        path = graded_class.played.directory / "autograded" / student / lesson.NAME / broken.FILE
        assert path.stat().st_size < 20 * 2**20
        nbformat.validate(nbformat.read(path, as_version=4))
