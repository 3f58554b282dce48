"""Lesson 05: its numbers, its class, its panel, and what its checks must not mind."""

import inspect
import io
import re

import numpy as np
import pytest
from PIL import Image

from gdexercises import tiny_autograd
from gdexercises.checking import Quiz, exercises_in
from gdexercises.tiny_autograd import Value
from gdexercises.tuning import tiny_autograd as panels

LESSON = "05-tiny-autograd"

pytestmark = pytest.mark.xdist_group(LESSON)


def numbers_after(label, text):
    """The pairs of numbers printed behind a label, one pair for each time it stands there."""
    rows = re.findall(rf"^{label}:? +\[?(\S+?),? (\S+?)\]?$", text, re.MULTILINE)
    return [tuple(map(float, row)) for row in rows]


def cell(notebook, grade_id):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_class_in_the_lesson_is_the_one_that_the_drivers_use(solved):
    assert cell(solved(LESSON).notebook, "value").source.strip() == inspect.getsource(Value).strip()


def test_every_gradient_of_the_lesson_agrees_with_central_differences(solved):
    printed = solved(LESSON).printed
    by_walk = numbers_after("(?:autograd|your autograd|your walk back)", printed)
    by_differences = numbers_after("central differences", printed)[1:]
    assert len(by_walk) == len(by_differences) == 5
    # At b = 1 the colleague's division is right as well; that is what the lesson says of it.
    for one, other in zip(by_walk, by_differences, strict=True):
        assert one == pytest.approx(other, rel=1e-8)


def test_recursion_of_the_colleague_is_wrong_by_what_the_prose_says(solved):
    [naive] = numbers_after("walk of a colleague", solved(LESSON).printed)
    assert naive == (54, 36)
    truth = numbers_after("central differences", solved(LESSON).printed)[0]
    assert "One and a half times what it should be" in solved(LESSON).prose
    assert naive == pytest.approx([1.5 * slope for slope in truth])


def test_division_of_the_colleague_is_wrong_away_from_one():
    for b, agrees in ((1.0, True), (2.0, False)):
        mistaken = tiny_autograd.divide.mistakes["right_at_one"].implementation(Value(3.0), Value(b))
        slope = (3.0 / (b + 1e-5) - 3.0 / (b - 1e-5)) / 2e-5
        assert (mistaken.local[1] == pytest.approx(slope, rel=1e-8)) == agrees


def test_prose_quotes_what_the_lesson_computes(solved):
    run = solved(LESSON)
    printed, prose = run.printed, re.sub(r"\s+", " ", run.prose)
    assert "$e$ grows by 0.42 of that" in prose and 1 - np.tanh(1.0) ** 2 == pytest.approx(0.42, abs=1e-3)
    assert "agree in ten digits" in prose
    ours, differences = numbers_after("your autograd", printed)[0], numbers_after("central differences", printed)[2]
    assert [f"{value:.10g}" for value in ours] == [f"{value:.10g}" for value in differences]
    once, twice = numbers_after("autograd", printed)[-1], numbers_after("after a second walk", printed)[0]
    assert "Twice as much." in prose and twice == pytest.approx([2 * grad for grad in once])
    assert "nodes in its graph: 165" in printed and "5002 nodes" in printed


def test_neuron_ends_below_the_loss_of_the_curve_that_made_the_data(solved):
    b, w, loss = map(float, re.search(r"^b = (\S+), w = (\S+), loss = (\S+)$", solved(LESSON).printed, re.M).groups())
    rng = np.random.RandomState(42)
    x = rng.uniform(-2, 2, 20)
    y = np.tanh(1 + 2 * x) + 0.1 * rng.randn(20)
    assert loss == pytest.approx(np.mean((np.tanh(b + w * x) - y) ** 2), abs=1e-5)
    assert loss < np.mean((np.tanh(1 + 2 * x) - y) ** 2)
    assert loss == pytest.approx(0.1**2, rel=0.3)


CLEARS_UP_AFTERWARDS = """
def train_neuron(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
            p.grad = 0.0
    return losses
"""


def test_training_in_the_lesson_gives_the_same_if_gradients_are_set_to_zero_after_the_update(solved, capsys):
    # Such a loop starts from whatever the cells above it have left in the parameters.
    notebook = solved(LESSON).notebook
    own = cell(notebook, "train_neuron").source
    code = [c.source for c in notebook.cells if c.cell_type == "code"]
    namespace = {}
    for source in code:
        exec(CLEARS_UP_AFTERWARDS if source == own else source, namespace)
    [line] = re.findall(r"^b = .*, loss = .*$", solved(LESSON).printed, re.MULTILINE)
    assert line in capsys.readouterr().out


def test_gradients_are_those_of_pytorch():
    torch = pytest.importorskip("torch")
    a, b = Value(0.5), Value(-0.4)
    product = tiny_autograd.mul(a, b)
    bent = tiny_autograd.tanh(tiny_autograd.add(product, a))
    root = tiny_autograd.divide(tiny_autograd.power(bent, 3), tiny_autograd.add(product, b))
    tiny_autograd.backward(tiny_autograd.topological_order(root))
    leaves = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in (0.5, -0.4)]
    expected = torch.tanh(leaves[0] * leaves[1] + leaves[0]) ** 3 / (leaves[0] * leaves[1] + leaves[1])
    expected.backward()
    assert root.data == pytest.approx(expected.item(), rel=1e-12)
    assert [a.grad, b.grad] == pytest.approx([leaf.grad.item() for leaf in leaves], rel=1e-12)


def test_reference_orders_a_chain_of_5000_nodes():
    node = Value(0.0)
    for _ in range(4999):
        node = Value(0.0, (node,), (1.0,))
    order = tiny_autograd.topological_order(node)
    assert len(order) == 5000 and order[-1] is node


NOTEBOOK = f"""
import math
{inspect.getsource(Value)}
def add(a, b):
    b = b if isinstance(b, Value) else Value(b)
    return Value(a.data + b.data, (a, b), (1.0, 1.0))

def topological_order(root):
    assert isinstance(root, Value)
    parents = [p for p in root.parents if isinstance(p, Value)]
    order = []
    for p in parents:
        order += [node for node in topological_order(p) if node not in order]
    return [*order, root]

def backward(order):
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local):
            if isinstance(parent, Value):
                parent.grad += local * node.grad
"""


@pytest.mark.parametrize("name", ["add", "topological_order", "backward"])
def test_answer_may_ask_whether_something_is_a_value_of_its_own_notebook(name):
    namespace = {}
    exec(NOTEBOOK, namespace)
    verdict = exercises_in(tiny_autograd)[name].verdict(namespace[name])
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize(
    "solved_one", [e.name for e in exercises_in(tiny_autograd).values() if not isinstance(e, Quiz)]
)
def test_exercise_can_be_solved_while_all_others_are_not(solved_one):
    # The notebook's other functions are stubs that fail when anything calls them.
    names = [name for name, exercise in exercises_in(tiny_autograd).items() if not isinstance(exercise, Quiz)]
    stubs = "\n".join(f"def {name}(*arguments): raise NotImplementedError" for name in names if name != solved_one)
    reference = inspect.getsource(exercises_in(tiny_autograd)[solved_one].reference)
    namespace = {}
    exec(f"import math\n{inspect.getsource(Value)}\n{stubs}\n{reference[reference.index('def ') :]}", namespace)
    verdict = exercises_in(tiny_autograd)[solved_one].verdict(namespace[solved_one])
    assert verdict.passed, str(verdict)


def expression(a, b):
    a, b = Value(a), Value(b)
    c = tiny_autograd.mul(a, b)
    d = tiny_autograd.add(c, a)
    e = tiny_autograd.tanh(d)
    tiny_autograd.backward(tiny_autograd.topological_order(e))
    return {"a": a, "b": b, "c = a·b": c, "d = c + a": d, "e = tanh(d)": e}


def pixels(panel):
    return np.asarray(Image.open(io.BytesIO(panel.png())))


@pytest.mark.parametrize("change", [{"a": -1.0}, {"b": 2.0}, {"step": 3}, {"step": 7}])
def test_panel_changes_picture_and_text_and_reset_brings_them_back(change):
    panel = panels.walk_back(expression, a=0.5, b=1.0)
    picture, text = pixels(panel), panel.text
    panel.set(**change)
    assert (pixels(panel) != picture).any()
    assert panel.text != text
    panel.reset()
    assert (pixels(panel) == picture).all() and panel.text == text


def test_panel_tells_seed_partial_and_complete_gradients():
    panel = panels.walk_back(expression, a=0.5, b=1.0)
    said = {}
    for _ in range(7):
        panel.step()
        said[panel.values["step"]] = panel.text
    assert "e = tanh(d) = 0.762" in said[3]
    assert "The seed: e.grad = 1" in said[4]
    assert "1 × 0.42 = 0.42 to a.grad, now 0.42 so far" in said[6]
    assert "1 × 0.42 = 0.42 to a.grad, now 0.84, and" in said[7] and "All gradients are complete." in said[7]
    panel.step()
    assert panel.text == said[7]


def test_panel_ends_at_the_gradients_that_the_reader_computed():
    panel = panels.walk_back(expression, a=0.5, b=1.0)
    for b in (-1.0, 0.5, 1.8):
        panel.set(step=7, b=b)
        leaves = expression(0.5, b)
        assert f"to a.grad, now {leaves['a'].grad:.3g}, and" in panel.text
        assert f"to b.grad, now {leaves['b'].grad:.3g}. All" in panel.text


def test_panel_answers_what_the_lesson_asks():
    nodes = expression(2.0, 2.0)
    assert nodes["a"].grad < 1e-3 and nodes["e = tanh(d)"].local[0] < 1e-4
    assert all(expression(a, -1.0)["a"].grad == 0 for a in (-2.0, 0.5, 2.0))


def test_picture_of_a_graph_says_data_gradients_and_local_derivatives():
    x = Value(3.0)
    y = tiny_autograd.mul(x, x)
    tiny_autograd.backward([x, y])
    assert panels.graph({"x": x, "y = x·x": y}).alt == (
        "Graph of 2 nodes. x: data 3, grad 6. "
        "y = x·x: data 9, grad 1, from x (local derivative 3) and x (local derivative 3)."
    )


def test_picture_of_a_graph_asks_for_the_names_of_all_nodes():
    with pytest.raises(ValueError, match="a parent of y has no name"):
        panels.graph({"y": tiny_autograd.mul(Value(1.0), Value(2.0))})


def test_points_add_up_to_what_the_head_says(solved):
    cells = [c.metadata.nbgrader for c in solved(LESSON).notebook.cells if "nbgrader" in c.metadata]
    points = {c.grade_id.removeprefix("check-"): c.points for c in cells if c.grade}
    assert {name: points[name] for name in points if points[name] != 0.5} == {
        "add": 1, "mul": 2, "power": 1, "tanh": 1, "topological_order": 3, "backward": 3, "divide": 1,
        "train_neuron": 2,
    }  # fmt: skip
    assert sum(points.values()) == 16
    assert "There are 16 points: 14 for code, 2 for a short quiz." in solved(LESSON).prose
