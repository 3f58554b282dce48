"""Which of a lesson's own cells a submission needs: those that only show something need not run to be graded.

A lesson is full of cells that draw a figure or print a course of losses from what the student has written. They take
most of the time that a notebook takes, and no check looks at them. A cell as the lesson gave it runs while grading only
if something that the student wrote, or another cell that runs, could tell the difference.
"""

import ast
import builtins
import functools
import re
import symtable
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["not_needed"]

# What looks names up as it runs, so that the text does not tell which.
DYNAMIC = re.compile(
    r"\b(globals|locals|vars|eval|exec|compile|dir|getattr|__\w+__|get_ipython|inspect|sys|gc)\b|^[%!]", re.M
)
# What sets something for all that comes after.
SETTINGS = re.compile(r"\bconfig\b|\benviron\b|\bset_\w+|\bseterr\b|\w*filter\w*\(|\brcParams\b|\bregister\w*")
WORD = re.compile(r"[^\W\d]\w*")
BUILTIN = frozenset(dir(builtins))


def not_needed(given: Iterable[tuple[int, str]], written: Iterable[str], locked: Iterable[str]) -> set[int]:
    """Find the cells whose run makes no difference to what the student wrote.

    Parameters
    ----------
    given : iterable of (int, str)
        Number and text of each cell that stands as the lesson gave it.
    written : iterable of str
        Texts of the cells that are the student's, and the names that the checks ask for.
    locked : iterable of str
        Texts of the cells that run in any case, since the lesson needs them.

    Returns
    -------
    set of int
        Numbers of the cells that need not run. A cell that changes settings is always needed, and all are if some text
        looks names up as it runs (``globals()``, ``%run``, ...).
    """
    written = list(written)
    if any(DYNAMIC.search(text) for text in written):
        return set()
    own, always = [_read(text) for text in written], [_read(text) for text in locked]
    used = {name for cell in own for name in cell.used}
    made = {name for cell in (*own, *always) for name in cell.made}
    left = {number: _read(text) for number, text in given if not SETTINGS.search(text)}
    modules = {name for cell in (*own, *always, *left.values()) for name in cell.modules}
    while True:
        touched = {
            number: cell.bound | cell.changed | (cell.used - BUILTIN - modules - made) for number, cell in left.items()
        }
        needed = [number for number, names in touched.items() if names & used]
        if not needed:
            return set(left)
        for number in needed:
            used |= left.pop(number).used


@dataclass(frozen=True)
class _Names:
    """What a cell looks up and binds in the notebook, what it sets a part of; functions and modules that it makes."""

    used: frozenset[str]
    bound: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=256)  # most cells of a class are the same
def _read(text: str) -> _Names:
    try:
        table = symtable.symtable(text, "cell", "exec")
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Names(used=frozenset(WORD.findall(text)))
    used, bound = set(), set()
    for scope in _scopes(table):
        for symbol in scope.get_symbols():
            if scope is table or symbol.is_global():
                if symbol.is_referenced():
                    used.add(symbol.get_name())
                if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
                    bound.add(symbol.get_name())
    changed = {_root(node) for node in ast.walk(tree) if _sets_a_part(node)}
    made = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    modules = {
        (alias.asname or alias.name).partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return _Names(frozenset(used), frozenset(bound), frozenset(changed), frozenset(made), frozenset(modules))


def _sets_a_part(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _scopes(table: symtable.SymbolTable) -> Iterable[symtable.SymbolTable]:
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        yield scope
        waiting += scope.get_children()
