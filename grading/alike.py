"""Answers that are unusually alike, for a human to look at: two alike answers are no proof of anything.

Answers are compared in a normal form: without comments, docstrings, annotations and layout, and with a student's own
names replaced by numbered ones. Most right answers to a small exercise are alike by nature, so what counts is how
rarely the class writes what two of them have in common. It is measured in rare words: a word that the two have and
nobody else is one, a word that half of the class has is a small part of one (its surprise in bits, over that of a word
of two). Words are looked at in pieces of four. What the released stub or the reference solution has counts nothing.

Only answers that share a rare piece are compared at all, so the work grows with the class and not with its square.
"""

import ast
import functools
import itertools
import math
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = [
    "COMMON",
    "FEW",
    "LEAST_SHARED",
    "LEAST_SIMILAR",
    "LEAST_WORDS",
    "Alike",
    "Answer",
    "Form",
    "alike",
    "normal_form",
]

PIECE = 4
"""Words in a piece."""

LEAST_WORDS = 12
"""So many words of its own an answer must have to be compared: less is no answer but a choice."""

LEAST_SHARED = 18.0
"""So many rare words two answers must have in common."""

LEAST_SIMILAR = 0.65
"""This share of all that two answers have, by weight, must be in both."""

COMMON = 0.1
"""An answer that more than this share of the class gives in the same form is the way one writes it, ..."""

FEW = 4
"""... unless no more than these."""

RARE = 24
"""Answers are looked at together if they share pieces that no more forms than these have."""

MAX_CODE = 20_000
"""Longer texts are not read as code."""

WORD = re.compile(r"\w+|[^\w\s]")
OWN = re.compile(r"\bv\d+\b")


@dataclass(frozen=True)
class Answer:
    """What one student wrote for an exercise.

    Attributes
    ----------
    student : str
    text : str
    right : bool
        Whether it got all points.
    """

    student: str
    text: str
    right: bool


@dataclass(frozen=True)
class Form:
    """A normal form, and the answers that have it.

    Attributes
    ----------
    text : str
        Code as it is compared; the text without comments and empty lines if it is no Python.
    answers : tuple of Answer
        In the order in which they were given.
    """

    text: str
    answers: tuple[Answer, ...]

    @property
    def right(self) -> bool:
        """Whether one of them got all points."""
        return any(answer.right for answer in self.answers)


@dataclass(frozen=True)
class Alike:
    """Forms that are unusually alike: one that several students share, or two that hardly differ.

    Attributes
    ----------
    exercise : str
    forms : tuple of Form
        One or two.
    similarity : float
        The share, by weight, of what is in both; 1 for the same form.
    shared : float
        How many rare words they have in common; counted twice if both are wrong.
    """

    exercise: str
    forms: tuple[Form, ...]
    similarity: float
    shared: float

    @property
    def students(self) -> tuple[str, ...]:
        """Ids of those who wrote them."""
        return tuple(answer.student for form in self.forms for answer in form.answers)

    @property
    def wrong(self) -> bool:
        """Whether none of them is right."""
        return not any(form.right for form in self.forms)


def alike(exercise: str, answers: Iterable[Answer], known: Iterable[str] = ()) -> list[Alike]:
    """Find the answers to an exercise that are unusually alike.

    Parameters
    ----------
    exercise : str
        Its name.
    answers : iterable of Answer
    known : iterable of str
        What everybody may have: the released stub, the reference solution.

    Returns
    -------
    list of Alike
        Those with the most in common first.
    """
    answers = list(answers)
    known_forms = {normal_form(text) for text in known}
    excluded = {piece for form in known_forms for piece in _pieces(form)}
    of: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        form = normal_form(answer.text)
        if form not in known_forms and len(WORD.findall(form)) >= LEAST_WORDS:
            of[form].append(answer)
    read = [_Read(Form(text, tuple(those)), _pieces(text)) for text, those in of.items()]
    weights = _weights(read, len(answers), excluded)
    common = max(FEW, COMMON * len(answers))
    rare = [one for one in read if len(one.form.answers) <= common]
    found = [_together(exercise, one, one, weights) for one in rare if len(one.form.answers) > 1]
    found += [_together(exercise, one, other, weights) for one, other in _candidates(rare, weights)]
    kept = [one for one in found if one.shared >= LEAST_SHARED and one.similarity >= LEAST_SIMILAR]
    return sorted(kept, key=lambda one: (-one.shared, one.students))


@dataclass(frozen=True)
class _Read:
    form: Form
    pieces: list[str]


def _weights(read: Sequence[_Read], n_answers: int, excluded: Collection[str]) -> dict[str, float]:
    """For each piece, what part of a rare word it is that two have it in common."""
    having: Counter[str] = Counter()
    for one in read:
        for piece in set(one.pieces) - excluded:
            having[piece] += len(one.form.answers)
    unit = math.log2((n_answers + 1) / 2)
    return (
        {piece: min(1.0, math.log2((n_answers + 1) / count) / unit) for piece, count in having.items()} if unit else {}
    )


def _candidates(read: Sequence[_Read], weights: Mapping[str, float]) -> list[tuple[_Read, _Read]]:
    """Pairs of forms that share enough of what few forms have."""
    having: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(read):
        for piece in set(one.pieces) & weights.keys():
            having[piece].append(number)
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for piece, numbers in having.items():
        if 2 <= len(numbers) <= RARE:
            for pair in itertools.combinations(numbers, 2):
                shared[pair] += weights[piece]
    return [(read[one], read[other]) for (one, other), words in shared.items() if words >= LEAST_SHARED / 2]


def _together(exercise: str, one: _Read, other: _Read, weights: Mapping[str, float]) -> Alike:
    """What two forms have in common, or one and itself."""
    both = set(one.pieces) & set(other.pieces)
    common = {piece: weights[piece] for piece in both if piece in weights}
    shared = min(_words(part.pieces, common) for part in (one, other))
    whole = max(_words(part.pieces, weights) for part in (one, other))
    forms = {part.form.text: part.form for part in sorted((one, other), key=lambda part: part.form.answers[0].student)}
    # Who is right has one thing to agree on; there are many ways to be wrong.
    times = 1 if any(form.right for form in forms.values()) else 2
    return Alike(exercise, tuple(forms.values()), shared / whole if whole else 0.0, times * shared)


def _words(pieces: Sequence[str], weights: Mapping[str, float]) -> float:
    """How many rare words there are: each is as rare as the least rare piece that it is in."""
    rarities = [weights.get(piece, 0.0) for piece in pieces]
    return sum(min(rarities[max(0, i - PIECE + 1) : i + 1]) for i in range(len(pieces) + PIECE - 1))


def _pieces(text: str) -> list[str]:
    # A number for each name would make all different behind a line that was put in.
    words = WORD.findall(OWN.sub("v", text))
    return [" ".join(words[i : i + PIECE]) for i in range(max(1, len(words) - PIECE + 1))]


# The normal form ----------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)  # much of what a class hands in is the same, and most of it is stubs
def normal_form(text: str) -> str:
    """Give code as it is compared.

    Parameters
    ----------
    text : str
        Whatever a student wrote.

    Returns
    -------
    str
        Formatted anew, without comments, docstrings and annotations, and with the names that it binds numbered in
        the order in which they come, except those of functions and classes at the top. If it is no Python: without
        comments and empty lines.
    """
    if len(text) <= MAX_CODE:
        try:
            with warnings.catch_warnings():  # of a student's backslashes
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
            return ast.unparse(_Normal(_bound(tree)).visit(tree))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    lines = (re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*", "", line)).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _bound(tree: ast.Module) -> frozenset[str]:
    """Names that the code gives to something, but for those by which others know it."""
    known = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    bound = set()
    methods = {id(part) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for part in node.body}
    for node in ast.walk(tree):
        match node:
            case ast.Name(name, ast.Store()) | ast.arg(name) | ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.FunctionDef(name) if id(node) not in methods:
                bound.add(name)
    return frozenset(bound - known)


@dataclass
class _Normal(ast.NodeTransformer):
    bound: frozenset[str]
    numbers: dict[str, str] = field(default_factory=dict)

    def _named(self, name: str) -> str:
        return self.numbers.setdefault(name, f"v{len(self.numbers) + 1}") if name in self.bound else name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._named(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._named(node.arg))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = node.name and self._named(node.name)
        return self._with_a_body(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._named(node.name)
        node.returns = None
        return self._with_a_body(node)

    def visit_Global(self, node: ast.Global) -> ast.AST:
        node.names = [self._named(name) for name in node.names]
        return node

    visit_Nonlocal = visit_Global

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        return node.value and ast.Assign([node.target], node.value, lineno=node.lineno)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return None
        return self.generic_visit(node)

    def _with_a_body(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    visit_AsyncFunctionDef = visit_FunctionDef
    visit_ClassDef = visit_If = visit_For = visit_While = visit_With = visit_Try = _with_a_body
