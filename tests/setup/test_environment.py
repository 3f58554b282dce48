"""The environment check of lesson 00: it runs anywhere, tells the truth, and its command mends what is wrong."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from gdexercises import environment
from gdexercises.environment import Part
from grading.notebooks import read_source
from tests.hidden import HIDE

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "grading" / "source"
CELL = next(cell.source for cell in read_source(SOURCE / "00-start-here.py").cells if cell.id == "environment")
MODULE = (ROOT / "gdexercises" / "environment.py").read_text()
PRETEND = "import sys\nsys.version_info = (3, 9, 18, 'final', 0)\n"


def _works(name):
    return shutil.which(name) and not subprocess.run([name, "-c", ""], capture_output=True).returncode


# This Python saying that it is an old one, and old ones themselves where there are any.
OLD_PYTHONS = {sys.executable: (PRETEND, "3.9")} | {
    f"python{version}": ("", version) for version in ("3.8", "3.9", "3.10") if _works(f"python{version}")
}
# IPython is not where an old or an empty Python is tried; in a notebook it always is.
STAND_IN = "def display(shown):\n    print(shown)\n"


def run(python, code, folder, **options):
    """Run code in a Python of its own, in a folder, and return what it prints; no error may occur."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [python, "-c", code], cwd=folder, env=environ, capture_output=True, text=True, encoding="utf-8", **options
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a space in its path, and in it a lesson's folder with a stand-in for IPython."""
    root = tmp_path / "my course"
    (root / "gdexercises").mkdir(parents=True)
    for name in ("__init__.py", "environment.py"):
        shutil.copy(ROOT / "gdexercises" / name, root / "gdexercises")
    (root / "Makefile").touch()
    folder = root / "workbook" / "00-start-here"
    (folder / "IPython").mkdir(parents=True)
    (folder / "IPython" / "__init__.py").touch()
    (folder / "IPython" / "display.py").write_text(STAND_IN)
    return root, folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python without any package."""
    folder = tmp_path_factory.mktemp("bare python")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return str(folder / "bin" / "python")


# Where nothing else of the course runs ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OLD_PYTHONS, ids=lambda name: Path(name).name)
def test_cell_runs_on_an_old_python_and_says_so(name, checkout):
    root, folder = checkout
    pretend, version = OLD_PYTHONS[name]
    text = run(name, pretend + CELL, folder)
    assert re.search(rf"✗ Python +{version}\.\d+, too old: 3\.11 or later is needed +all lessons", text)
    assert "Mend this before you begin." in text
    assert text.endswith(f"    cd {shlex.quote(str(root))} && make lab\n")


@pytest.mark.parametrize("text", [MODULE, (ROOT / "gdexercises" / "__init__.py").read_text(), CELL])
def test_cell_and_module_keep_to_the_syntax_of_python_3_8(text):
    ast.parse(text, feature_version=(3, 8))


def test_module_imports_the_standard_library_alone():
    imports = [node for node in ast.walk(ast.parse(MODULE)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_cell_says_in_a_line_that_a_python_cannot_load_the_course(checkout, bare):
    root, folder = checkout
    (root / "gdexercises" / "environment.py").write_text("from importlib import no_such_thing")
    assert "This Python cannot load the course" in run(bare, CELL, folder)
    shutil.rmtree(root / "gdexercises")
    text = run(bare, CELL, folder)
    assert f"This Python cannot load the course: {bare}" in text
    assert "type: make lab" in text


def test_cell_runs_where_nothing_is_installed_and_names_all_that_is_missing(checkout, bare):
    root, folder = checkout
    text = run(bare, CELL, folder)
    for part in environment.PARTS:
        assert re.search(rf"✗ {part.label} +missing +{re.escape(part.purpose)}", text)
    assert "✗ The course   not installed in this Python" in text
    assert text.endswith(f"    cd {shlex.quote(str(root))} && make lab\n"), "without pip only make can mend it"


# What it finds ------------------------------------------------------------------------------------------------------


def test_missing_torch_and_jax_are_told_without_importing_anything(checkout):
    code = HIDE.format(hidden={"torch", "jax"}) + CELL + "\nprint(sorted({'numpy', 'matplotlib'} & set(sys.modules)))"
    text = run(sys.executable, code, checkout[1])
    assert re.search(r"✗ PyTorch +missing +lessons 04, 06 and 10\n", text)
    assert re.search(r"✗ JAX +missing +lessons 07, 08 and 10\n", text)
    assert re.search(r"✓ NumPy +\d", text)
    assert "You can do lessons 01, 02, 03, 05, 09 as it is." in text
    assert text.endswith("[]\n")


def test_nothing_is_imported_to_see_whether_it_is_there(checkout):
    packages = [part.package for part in environment.PARTS]
    text = run(sys.executable, CELL + f"\nprint([name for name in {packages} if name in sys.modules])", checkout[1])
    assert re.search(r"✓ PyTorch +\d", text)
    assert text.endswith("\n[]\n")


def test_folder_that_cannot_be_written_is_found_and_left_as_it_is(tmp_path):
    folder = tmp_path / "read only"
    folder.mkdir()
    tmp_path.chmod(0o755)
    folder.chmod(0o555)
    # Root may write anywhere: become somebody else once all is loaded.
    code = (
        "import os\nfrom gdexercises import environment\nenvironment.report()\n"
        "if os.getuid() == 0: os.setuid(65534)\nprint(environment.report())"
    )
    text = run(sys.executable, code, folder)
    assert "✗ This folder  cannot be written: Permission denied" in text
    assert "make lab" in text
    assert list(folder.iterdir()) == []


def test_folder_that_can_be_written_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "✓ This folder  can be written" in str(environment.report())
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_gone_is_told(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "✗ This folder  cannot be written: No such file or directory" in str(environment.report())


def test_version_below_the_floor_is_too_old_and_one_above_is_fine(monkeypatch):
    for version, fine in (("2.3.9", False), ("2.4", True), ("2.4.0+cpu", True), ("2.13.0", True), ("3.0.0rc1", True)):
        monkeypatch.setattr(environment, "_version", lambda package, version=version: version)
        finding = environment._look_at(Part("PyTorch", "torch", "2.4", "", ("04",)))
        assert finding.fine == fine, version
        assert ("too old: 2.4 or later is needed" in finding.found) == (not fine)


def test_folder_that_an_uninstalled_package_left_behind_is_not_the_package(tmp_path, monkeypatch):
    (tmp_path / "left_behind").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert environment._look_at(Part("It", "left_behind", "1", "")).found == "missing"


def test_panels_can_work_only_in_a_notebook_with_ipywidgets(monkeypatch):
    assert "this is not a notebook" in environment._look_at_panels().found
    monkeypatch.setattr(environment, "_in_kernel", lambda: True)
    assert environment._look_at_panels().fine
    monkeypatch.setattr(environment, "_is_there", lambda package: package != "ipywidgets")
    assert environment._look_at_panels().found == "pictures only: ipywidgets is missing"


# The command that mends it ------------------------------------------------------------------------------------------


@pytest.fixture
def in_a_notebook(tmp_path, monkeypatch):
    """A report as in a notebook whose folder can be written, so that all is fine but what a test takes away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(environment, "_in_kernel", lambda: True)
    there, version = environment._is_there, environment._version

    def report(*hidden):
        monkeypatch.setattr(environment, "_is_there", lambda package: package not in hidden and there(package))
        monkeypatch.setattr(environment, "_version", lambda package: None if package in hidden else version(package))
        return environment.report()

    return report


def test_where_all_is_fine_there_is_no_command(in_a_notebook):
    report = in_a_notebook()
    assert str(report).startswith("✓ All that the course needs is here.\n")
    assert (report.command, report.advice) == ("", "")
    assert "<pre" not in report._repr_html_()


def test_command_uses_this_python_and_installs_what_is_missing_at_tested_versions(in_a_notebook):
    words = shlex.split(in_a_notebook("torch", "nbgrader").command.removeprefix("!"))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    assert words[4:] == ["torch>=2.4", "nbgrader>=0.9.5", "-c", str(ROOT / "constraints.txt")]


def test_command_quotes_paths_with_spaces(in_a_notebook, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/home/a student/python")
    command = in_a_notebook("jax").command
    assert command.startswith("!'/home/a student/python' -m pip install 'jax>=0.4.31'")
    monkeypatch.setattr(sys, "platform", "win32")
    assert in_a_notebook("jax").command.startswith('!"/home/a student/python" -m pip install jax>=0.4.31')


def test_command_installs_the_course_itself_if_only_its_files_are_here(in_a_notebook, monkeypatch):
    monkeypatch.setattr(environment.metadata, "distributions", lambda **about: [])
    report = in_a_notebook()
    assert shlex.split(report.command)[4:6] == ["-e", str(ROOT)]
    assert "Mend this before you begin." in report.summary


@pytest.mark.parametrize("reason", ["old Python", "read-only", "no pip", "the system's own Python"])
def test_where_pip_cannot_mend_it_make_lab_does(in_a_notebook, monkeypatch, tmp_path, reason):
    hidden = ["torch"]
    if reason == "old Python":
        monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    elif reason == "read-only":
        monkeypatch.setattr(environment, "_look_at_folder", lambda: environment.Finding(False, "This folder", "", ""))
    elif reason == "no pip":
        hidden.append("pip")
    else:
        (tmp_path / "EXTERNALLY-MANAGED").touch()
        monkeypatch.setattr(sys, "prefix", sys.base_prefix)
        monkeypatch.setattr(environment.sysconfig, "get_path", lambda name: str(tmp_path))
    assert in_a_notebook(*hidden).command == f"cd {shlex.quote(str(ROOT))} && make lab"


def test_without_the_course_s_folder_and_pip_it_says_what_to_get(in_a_notebook, monkeypatch):
    monkeypatch.setattr(environment, "_root", lambda: None)
    report = in_a_notebook("torch", "pip")
    assert report.command == ""
    assert "Install Python 3.11 or later, get the whole course" in str(report)
    assert shlex.split(in_a_notebook("torch").command.removeprefix("!"))[4:] == ["torch>=2.4"]


def test_report_says_it_in_words_and_signs_and_in_a_table_with_headings(in_a_notebook):
    html = in_a_notebook("torch")._repr_html_()
    assert html.count("✗ to mend") == 1
    assert html.count("✓ fine") == len(environment.PARTS) + 3
    assert html.count('<th scope="col"') == 4
    assert html.count('<th scope="row"') == len(environment.PARTS) + 4
    assert "✗ Not as it should be: PyTorch. You can do lessons 01, 02, 03, 05, 07, 08, 09 as it is." in html
    assert "torch&gt;=2.4" in html


# What it says of the course -----------------------------------------------------------------------------------------


def test_floors_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [
        *project["dependencies"],
        *(one for extra in ("torch", "jax", "lab") for one in project["optional-dependencies"][extra]),
    ]
    floors = {one.name: str(one.specifier) for one in map(Requirement, lines)}
    assert {part.package: f">={part.floor}" for part in environment.PARTS}.items() <= floors.items()
    assert floors.keys() - {part.package for part in environment.PARTS} == {"ipykernel"}
    assert project["requires-python"] == f">={environment.PYTHON}"


@pytest.mark.parametrize("package", ["torch", "jax"])
def test_lessons_that_need_a_package_are_those_that_import_it(package):
    part = next(part for part in environment.PARTS if part.package == package)
    for source in sorted(SOURCE.glob("[0-9][0-9]-*.py")):
        needs = re.search(rf"^(import|from) {package}\b", source.read_text(), re.MULTILINE) is not None
        assert needs == (source.stem[:2] in part.lessons), source.stem


@pytest.mark.parametrize("package", ["torch", "jax"])
def test_required_package_that_is_missing_is_one_line_with_the_extra_to_install(package, monkeypatch):
    monkeypatch.setattr(environment, "_is_there", lambda name: name != package)
    with pytest.raises(environment.MissingPackage) as caught:
        environment.require(package)
    (line,) = caught.value._render_traceback_()
    assert "\n" not in line
    assert f"{ROOT}[{package}]" in line
    assert "Kernel > Restart Kernel" in line and "01, 02, 03" in line


def test_required_package_that_cannot_be_imported_is_told_with_the_reason(monkeypatch):
    def broken(name):
        raise OSError("libtorch_cpu.so: cannot open shared object file")

    monkeypatch.setattr(environment.importlib, "import_module", broken)
    with pytest.raises(environment.MissingPackage, match=r"cannot be imported \(libtorch_cpu\.so"):
        environment.require("torch")


def test_required_package_without_a_checkout_is_named_as_the_extra_of_gdexercises(monkeypatch):
    monkeypatch.setattr(environment, "_is_there", lambda name: False)
    monkeypatch.setattr(environment, "_root", lambda: None)
    with pytest.raises(environment.MissingPackage, match=r"gdexercises\[jax\]"):
        environment.require("jax")


def test_jax_is_told_to_use_the_cpu_unless_a_student_chose_otherwise(monkeypatch):
    monkeypatch.setattr(environment.importlib, "import_module", lambda name: name)
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    assert environment.require("jax") == "jax"
    assert os.environ["JAX_PLATFORMS"] == "cpu"
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    environment.require("jax")
    assert os.environ["JAX_PLATFORMS"] == "cuda"
