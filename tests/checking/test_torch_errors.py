"""PyTorch's errors are explained in the course's words: each is raised here by PyTorch itself."""

import pytest
import torch

from gdexercises.checking.drivers import call, run
from gdexercises.checking.errors import explain
from gdexercises.checking.wire import encode


def updates_in_the_graph():
    params = torch.ones(3, requires_grad=True)
    params -= 0.1


def nothing_requires_gradients():
    torch.ones(3).mean().backward()


def goes_back_twice():
    loss = (torch.ones(3, requires_grad=True) ** 2).mean()
    loss.backward()
    loss.backward()


def numpy_with_a_graph():
    torch.ones(3, requires_grad=True).numpy()


def optimizer_without_parameters():
    torch.optim.SGD(torch.nn.Module().parameters(), lr=0.1)


def optimizer_of_a_list_of_models():
    torch.optim.SGD([torch.nn.Linear(1, 1)], lr=0.1)


def optimizer_of_a_method():
    torch.optim.SGD(torch.nn.Linear(1, 1).parameters, lr=0.1)


def optimizer_of_a_tensor():
    torch.optim.SGD(torch.ones(3, requires_grad=True), lr=0.1)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (updates_in_the_graph, "with torch.no_grad()"),
        (nothing_requires_gradients, "found nothing behind the loss"),
        (goes_back_twice, "anew in every round"),
        (numpy_with_a_graph, ".detach().numpy()"),
        (optimizer_without_parameters, "torch.nn.Parameter"),
        (optimizer_of_a_list_of_models, "model.parameters()"),
        (optimizer_of_a_tensor, "model.parameters()"),
        (optimizer_of_a_method, "with brackets"),
    ],
)
def test_error_of_pytorch_is_explained(attempt, words):
    raised = run(call, attempt, encode(())).raised
    assert words in explain(raised.kind, raised.message), raised


def test_other_runtime_errors_speak_for_themselves():
    assert explain("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (4x2 and 3x1)") is None
