"""The gdexercises that student code finds in the sandbox: drivers and tools, but no reference, mistake or input.

A lesson's module is cut down to what its drivers and its public tools need. Each exercise leaves only its signature.
"""

import ast
import functools
import shutil
import tempfile
from pathlib import Path

import gdexercises

__all__ = ["furnish", "strip", "stripped"]

PACKAGE = Path(gdexercises.__file__).parent
LOCKED = Path(__file__).with_name("locked.py")
TEMPLATE = ("template.py", "inside.py", "walls.py")
PROGRAMS = "programs"


def furnish(programs: Path | None = None, place: Path | None = None) -> Path:
    """Make the folder that the jail shows: the template's own files, and in ``lib`` a stripped ``gdexercises``.

    Parameters
    ----------
    programs : Path, optional
        A folder of JAX's compiled programs, which are put beside them.
    place : Path, optional
        The folder in which to make it; that for temporary files if it is not given.

    Returns
    -------
    Path
        A new temporary folder, readable by everyone; whoever asks for it removes it.
    """
    folder = Path(tempfile.mkdtemp(prefix="gdexercises-", dir=place))
    for name in TEMPLATE:
        shutil.copy(Path(__file__).with_name(name), folder / name)
    package = folder / "lib" / "gdexercises"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name, text in stripped().items():
        (package / name).write_text(text, encoding="utf-8")
    shutil.copy(LOCKED, package / LOCKED.name)
    if programs is None:
        (folder / PROGRAMS).mkdir()
    else:
        shutil.copytree(programs, folder / PROGRAMS)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@functools.cache
def stripped() -> dict[str, str]:
    """The texts of all lessons' modules without their answers, by the names of their files."""
    return {path.name: strip(path.read_text(encoding="utf-8"), path.stem) for path in PACKAGE.glob("*.py")}


def strip(source: str, module: str) -> str:
    """The text of a lesson's module without its answers; modules without exercises stay as they are.

    Kept are imports, drivers, and public functions, classes and values, with all that these reach. References,
    mistakes, inputs and quizzes go, and so does what only they use.

    Parameters
    ----------
    source : str
        The module's text.
    module : str
        Its name, such as ``five_steps``.

    Returns
    -------
    str
    """
    tree = ast.parse(source)
    locked = {}
    dropped = set()
    defined: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        name = _exercise_name(node)
        if name is not None:
            locked[name] = _locked(node, module, name)
        elif _is_mistake(node):
            dropped.add(node)
        else:
            for bound in _binds(node):
                defined.setdefault(bound, []).append(node)
    if not locked:
        return source
    kept = _reached(tree, defined, locked)
    body: list[ast.stmt] = []
    for node in tree.body:
        name = _exercise_name(node)
        if name is not None:
            body.append(locked[name])
        elif node in kept:
            body.append(node)
    place = 1 if ast.get_docstring(tree) else 0
    body.insert(place, ast.parse("from gdexercises import locked as _locked").body[0])
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


def _reached(tree: ast.Module, defined: dict[str, list[ast.stmt]], locked: dict) -> set[ast.stmt]:
    """The statements to keep: imports, drivers, the public ones that no exercise needs as its input, what they use."""
    roots = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(tree, node)]
    roots += [node for node in tree.body if _has_decorator(node, "driver")]
    roots += [
        node
        for name, nodes in defined.items()
        if not name.startswith("_")
        for node in nodes
        if not isinstance(node, ast.Import | ast.ImportFrom) and not _is_mistake(node)
    ]
    kept: set[ast.stmt] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node in kept:
            continue
        kept.add(node)
        for name in _names(node):
            waiting += [found for found in defined.get(name, []) if name not in locked]
    return kept


def _is_docstring(tree: ast.Module, node: ast.stmt) -> bool:
    return node is tree.body[0] and ast.get_docstring(tree) is not None


def _exercise_name(node: ast.stmt) -> str | None:
    """The name of the exercise or quiz that a statement defines."""
    if isinstance(node, ast.FunctionDef) and _has_decorator(node, "exercise"):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _called(node.value) == "Quiz":
        return node.targets[0].id
    return None


def _locked(node: ast.stmt, module: str, name: str) -> ast.stmt:
    path = f"{module}.{name}"
    if isinstance(node, ast.FunctionDef):
        signature, kind, doc = f"({ast.unparse(node.args)})", "Exercise", ast.get_docstring(node)
    else:
        signature, kind, doc = "", "Quiz", None
    return ast.parse(f"{name} = _locked.{kind}({path!r}, {signature!r}, {doc!r})").body[0]


def _is_mistake(node: ast.stmt) -> bool:
    """Whether a statement registers a mistake: a decorator, or a call such as ``gradients.mistake(...)(function)``."""
    if isinstance(node, ast.FunctionDef):
        return any(_called(part) == "mistake" for part in node.decorator_list)
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    return isinstance(node, ast.Expr) and any(_called(call) == "mistake" for call in calls)


def _has_decorator(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and any(_called(part) == name for part in node.decorator_list)


def _called(node: ast.expr) -> str:
    """The last name of what is called: ``exercise`` of ``exercise(...)``, ``mistake`` of ``gradients.mistake(...)``."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _binds(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def _names(node: ast.stmt) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
