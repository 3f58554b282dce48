"""PyTorch's errors are explained in the course's words: each is raised here by PyTorch itself."""

import numpy as np
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


def changes_what_backward_needs():
    params = torch.ones(3, requires_grad=True)
    loss = (params**2).mean()
    with torch.no_grad():
        params -= 0.1
    loss.backward()


def starts_at_several_numbers():
    torch.ones(3, requires_grad=True).backward()


def whole_numbers():
    torch.tensor(-20, requires_grad=True)


def gradient_of_a_result():
    b = torch.tensor(1.0, requires_grad=True)
    b = b - 0.1
    (2 * b).backward()
    return 0.1 * b.grad


def retains_what_is_not_there():
    torch.ones(3).retain_grad()


def mean_of_numpy():
    np.mean(torch.ones(3, requires_grad=True))


def no_grad_without_brackets():
    with torch.no_grad:
        pass


def zeros_for_nothing():
    torch.tensor(1.0, requires_grad=True).grad.zero_()


def zero_for_a_gradient():
    torch.tensor(1.0, requires_grad=True).grad = 0


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
        (changes_what_backward_needs, "Call backward() before the update"),
        (starts_at_several_numbers, "starts at one number"),
        (whole_numbers, "torch.tensor(-20.0, requires_grad=True)"),
        (gradient_of_a_result, "backward() fills leaves only"),
        (retains_what_is_not_there, "never need retain_grad()"),
        (mean_of_numpy, ".mean() or torch.mean"),
        (no_grad_without_brackets, "with brackets"),
        (zeros_for_nothing, "works with or without one"),
        (zero_for_a_gradient, "b.grad = None takes it away"),
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
