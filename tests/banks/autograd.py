"""Answers to lesson 04."""

import numpy as np

from gdexercises import autograd
from gdexercises.autograd import torch
from tests.banks import Bank

bank = Bank()


def predict(x, b, w):
    return b + w * x


def mse(yhat, y):
    return ((yhat - y) ** 2).mean()


def leaves(b, w):
    return torch.tensor(b, requires_grad=True), torch.tensor(w, requires_grad=True)


# Forward -----------------------------------------------------------------------------------------------------------


@bank.right(autograd.forward)
def in_the_other_order(inputs, intercept, slope):
    return inputs * slope + intercept


@bank.right(autograd.forward)
def by_matrix(x, b, w):
    return torch.cat([torch.ones_like(x), x], dim=1) @ torch.stack([b, w]).reshape(2, 1)


@bank.right(autograd.forward)
def by_linear(x, b, w):
    return torch.nn.functional.linear(x, w.reshape(1, 1), b.reshape(1))


@bank.right(autograd.forward)
def by_loop(x, b, w):
    return torch.stack([b + w * value for value in x])


@bank.right(autograd.forward)
def by_functions(x, b, w):
    return torch.addcmul(b, w, x)


@bank.right(autograd.forward)
def in_double_precision(x, b, w):
    return b.double() + w.double() * x.double()


for name, attempt in {
    "exchanges_parameters": lambda x, b, w: torch.addcmul(w, b, x),
    "leaves_out_b": lambda x, b, w: torch.mul(x, w),
    "multiplies_b": lambda x, b, w: w * b + w * x,
    "subtracts_b": lambda x, b, w: -b + x * w,
    "cuts_the_graph": lambda x, b, w: predict(x, b.detach(), w.detach()),
}.items():
    bank.wrong(autograd.forward, attempt, mistake=name, label=name)
bank.wrong(autograd.forward, lambda x, b, w: predict(x.ravel(), b, w), finding="shape", says="Keep the column")
bank.wrong(autograd.forward, lambda x, b, w: predict(x, b, w.item()), mistake="cuts_the_graph", label="cuts-a-part")


@bank.wrong(autograd.forward, mistake="cuts_the_graph", says="the graph is cut")
def under_no_grad(x, b, w):
    with torch.no_grad():
        return predict(x, b, w)


@bank.wrong(autograd.forward, finding="kind", says=("a ndarray", "tensors only"))
def in_numpy(x, b, w):
    return b.item() + w.item() * x.numpy()


@bank.wrong(autograd.forward, finding="kind", says="as one tensor")
def list_of_predictions(x, b, w):
    return [predict(value, b, w) for value in x]


@bank.wrong(autograd.forward, finding="raised", says="NumPy knows nothing of gradients")
def numpy_with_a_graph(x, b, w):
    return b.numpy() + w.numpy() * x.numpy()


@bank.wrong(autograd.forward, finding="none", says="return")
def forgets_return(x, b, w):
    predict(x, b, w)


@bank.wrong(autograd.forward, finding="changed arguments", says="x")
def scales_x_in_place(x, b, w):
    with torch.no_grad():
        x *= 2
    return predict(x / 2, b, w)


# Criterion ---------------------------------------------------------------------------------------------------------


@bank.right(autograd.criterion)
def by_mse_loss(yhat, y):
    return torch.nn.functional.mse_loss(yhat, y)


@bank.right(autograd.criterion)
def by_module(prediction, target):
    return torch.nn.MSELoss()(prediction, target)


@bank.right(autograd.criterion)
def by_sum(yhat, y):
    return torch.sum(torch.square(y - yhat)) / y.numel()


@bank.right(autograd.criterion)
def by_matrix_product(yhat, y):
    error = yhat - y
    return error.T @ error / len(error)


@bank.right(autograd.criterion)
def flattens_both(yhat, y):
    return (yhat.ravel() - y.ravel()).pow(2).mean()


@bank.right(autograd.criterion)
def loops(yhat, y):
    return sum((one - other) ** 2 for one, other in zip(yhat, y, strict=True)) / len(y)


for name, attempt in {
    "sums": lambda yhat, y: torch.nn.functional.mse_loss(yhat, y, reduction="sum"),
    "takes_the_root": lambda yhat, y: torch.sqrt(mse(yhat, y)),
    "broadcasts": lambda yhat, y: mse(yhat.squeeze(1), y),
    "does_not_square": lambda yhat, y: torch.mean(yhat - y),
    "absolute_errors": lambda yhat, y: torch.nn.functional.l1_loss(yhat, y),
    "squares_the_mean": lambda yhat, y: (yhat.mean() - y.mean()) ** 2,
    "halves": lambda yhat, y: 0.5 * mse(yhat, y),
    "cuts_the_graph_of_the_loss": lambda yhat, y: mse(yhat, y).detach(),
}.items():
    bank.wrong(autograd.criterion, attempt, mistake=name, label=name)
bank.wrong(autograd.criterion, lambda yhat, y: (yhat - y) ** 2, finding="shape", says="One number", label="no-mean")
bank.wrong(autograd.criterion, lambda yhat, y: -mse(yhat, y), says="the sign is reversed", label="negative")
bank.wrong(autograd.criterion, lambda yhat, y: ..., finding="not attempted", label="dots")


@bank.wrong(autograd.criterion, mistake="cuts_the_graph_of_the_loss")
def as_a_float(yhat, y):
    return float(mse(yhat, y))


@bank.wrong(autograd.criterion, mistake="cuts_the_graph_of_the_loss")
def in_numpy_after_detach(yhat, y):
    return np.mean((yhat.detach().numpy() - y.numpy()) ** 2)


@bank.wrong(autograd.criterion, finding="raised", says="error = yhat - y in place of yhat -= y")
def subtracts_in_place(yhat, y):
    yhat -= y
    return (yhat**2).mean()


# Gradients ---------------------------------------------------------------------------------------------------------


@bank.right(autograd.autograd_gradients)
def zeroes_first(x, y, b, w):
    for parameter in (b, w):
        if parameter.grad is not None:
            parameter.grad.zero_()
    mse(predict(x, b, w), y).backward()
    return b.grad, w.grad


@bank.right(autograd.autograd_gradients)
def with_autograd_grad(x, y, b, w):
    return torch.autograd.grad(mse(predict(x, b, w), y), (b, w))


@bank.right(autograd.autograd_gradients)
def takes_the_gradients_away(x, y, b, w):
    mse(predict(x, b, w), y).backward()
    grads = b.grad, w.grad
    b.grad = w.grad = None
    return grads


@bank.right(autograd.autograd_gradients)
def on_copies(x, y, b, w):
    b, w = b.detach().clone().requires_grad_(), w.detach().clone().requires_grad_()
    mse(predict(x, b, w), y).backward()
    return [b.grad, w.grad]


@bank.right(autograd.autograd_gradients)
def as_numbers(x, y, b, w):
    b.grad = w.grad = None
    torch.nn.functional.mse_loss(predict(x, b, w), y).backward()
    return b.grad.item(), w.grad.item()


@bank.right(autograd.autograd_gradients)
def by_the_formula_of_lesson_1(x, y, b, w):
    error = (predict(x, b, w) - y).detach()
    return 2 * error.mean(), 2 * (x * error).mean()


@bank.right(autograd.autograd_gradients)
def functional(x, y, b, w):
    return torch.func.grad(lambda b, w: mse(predict(x, b, w), y), argnums=(0, 1))(b.detach(), w.detach())


@bank.right(autograd.autograd_gradients)
def zeroes_with_an_optimizer(x, y, b, w):
    torch.optim.SGD([b, w], lr=0.1).zero_grad()
    mse(predict(x, b, w), y).backward()
    return b.grad, w.grad


def gradients_of(loss_of=mse, reset=("b", "w"), returns=lambda b, w: (b.grad, w.grad), **options):
    def attempt(x, y, b, w):
        for name, parameter in (("b", b), ("w", w)):
            if name in reset:
                parameter.grad = None
        loss_of(predict(x, b, w), y).backward(**options)
        return returns(b, w)

    return attempt


for name, attempt in {
    "accumulates": gradients_of(reset=()),
    "exchanges_gradients": gradients_of(returns=lambda b, w: (w.grad, b.grad)),
    "sums_the_loss": gradients_of(lambda yhat, y: ((y - yhat) ** 2).sum()),
    "keeps_a_graph": gradients_of(create_graph=True),
    "resets_b_only": gradients_of(reset="b"),
    "resets_w_only": gradients_of(reset="w"),
}.items():
    bank.wrong(autograd.autograd_gradients, attempt, mistake=name, label=name)
bank.wrong(
    autograd.autograd_gradients,
    gradients_of(returns=lambda b, w: b.grad),
    finding="kind",
    says="2 values",
    label="returns-one",
)
bank.wrong(
    autograd.autograd_gradients,
    gradients_of(lambda yhat, y: (yhat - y) ** 2),
    finding="raised",
    says="starts at one number",
    label="no-mean",
)


@bank.wrong(autograd.autograd_gradients, mistake="accumulates")
def retains_its_graph_and_adds_up(x, y, b, w):
    loss = mse(predict(x, b, w), y)
    loss.backward(retain_graph=True)
    return b.grad.clone(), w.grad.clone()


@bank.wrong(autograd.autograd_gradients, mistake="keeps_a_graph", says="torch.func.grad")
def functional_of_what_requires_gradients(x, y, b, w):
    return torch.func.grad(lambda b, w: mse(predict(x, b, w), y), argnums=(0, 1))(b, w)


@bank.wrong(autograd.autograd_gradients, mistake="zeroes_what_it_returns", says="hand out b.grad.clone()")
def zeroes_too_late(x, y, b, w):
    mse(predict(x, b, w), y).backward()
    grads = b.grad, w.grad
    b.grad.zero_()
    w.grad.zero_()
    return grads


@bank.wrong(autograd.autograd_gradients, mistake="returns_nothing_twice")
def resets_too_early(x, y, b, w):
    mse(predict(x, b, w), y).backward()
    b.grad = w.grad = None
    return b.grad, w.grad


@bank.wrong(autograd.autograd_gradients, mistake="updates_as_well")
def moves(x, y, b, w):
    b_grad, w_grad = zeroes_first(x, y, b, w)
    b.data -= 0.1 * b_grad
    w.data -= 0.1 * w_grad
    return b_grad, w_grad


@bank.wrong(autograd.autograd_gradients, finding="none")
def returns_what_backward_returns(x, y, b, w):
    return mse(predict(x, b, w), y).backward()


@bank.wrong(autograd.autograd_gradients, finding="raised", says="found nothing behind the loss")
def cuts_the_way(x, y, b, w):
    mse(predict(x, b.item(), w.item()), y).backward()
    return b.grad, w.grad


@bank.wrong(autograd.autograd_gradients, finding="raised", says="There is no gradient to fill with zeros")
def zeroes_nothing(x, y, b, w):
    b.grad.zero_()
    w.grad.zero_()
    return zeroes_first(x, y, b, w)


@bank.wrong(autograd.autograd_gradients, finding="raised", says="b.grad = None takes it away")
def assigns_zero(x, y, b, w):
    b.grad = w.grad = 0
    return zeroes_first(x, y, b, w)


@bank.wrong(autograd.autograd_gradients, finding="raised", says="silence PyTorch")
def goes_back_twice(x, y, b, w):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    loss.backward()
    return b.grad, w.grad


# Step --------------------------------------------------------------------------------------------------------------


@bank.right(autograd.step)
def zeroes_behind_the_update(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        for parameter in (b, w):
            parameter -= lr * parameter.grad
            parameter.grad.zero_()
    return loss.item()


@bank.right(autograd.step)
def resets_before_backward(x, y, b, w, lr):
    b.grad = w.grad = None
    loss = torch.nn.functional.mse_loss(predict(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b.sub_(b.grad, alpha=lr)
        w.sub_(w.grad, alpha=lr)
    return loss.detach()


@bank.right(autograd.step)
def with_autograd_grad_and_copy(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    b_grad, w_grad = torch.autograd.grad(loss, (b, w))
    with torch.no_grad():
        b.copy_(b - lr * b_grad)
        w.copy_(w - lr * w_grad)
    return float(loss)


@bank.right(autograd.step)
def through_data(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    b.data = b.data - lr * b.grad.data
    w.data = w.data - lr * w.grad.data
    b.grad.data.zero_()
    w.grad.data.zero_()
    return loss.data


@bank.right(autograd.step)
def with_an_optimizer(x, y, b, w, lr):
    optimizer = torch.optim.SGD([b, w], lr=lr)
    optimizer.zero_grad()
    loss = mse(predict(x, b, w), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@bank.right(autograd.step)
def switches_gradients_off_and_on(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    for parameter in (b, w):
        parameter.requires_grad_(False)
        parameter -= lr * parameter.grad
        parameter.requires_grad_(True)
        parameter.grad = None
    return loss.item()


@bank.right(autograd.step)
def by_lesson_1(x, y, b, w, lr):
    error = (predict(x, b, w) - y).detach()
    with torch.no_grad():
        b -= lr * 2 * error.mean()
        w -= lr * 2 * (x * error).mean()
    return np.mean(error.numpy() ** 2)


def round_of(
    loss_of=mse, move=lambda b, w: (b.grad, w.grad), sign=-1, reset=("b", "w"), returns=lambda loss: loss.item()
):
    def attempt(x, y, b, w, lr):
        loss = loss_of(predict(x, b, w), y)
        loss.backward()
        b_grad, w_grad = move(b, w)
        with torch.no_grad():
            b += sign * lr * b_grad
            w += sign * lr * w_grad
        if "b" in reset:
            b.grad = None
        if "w" in reset:
            w.grad.zero_()
        return returns(mse(predict(x, b, w), y) if loss_of is not mse else loss)

    return attempt


for name, attempt in {
    "gradients_add_up": round_of(reset=()),
    "resets_only_b": round_of(reset="b"),
    "resets_only_w": round_of(reset="w"),
    "uphill": round_of(sign=1),
    "moves_crosswise": round_of(move=lambda b, w: (w.grad, b.grad)),
    "moves_both_by_b_grad": round_of(move=lambda b, w: (b.grad, b.grad)),
    "moves_w_only": round_of(move=lambda b, w: (0, w.grad)),
    "moves_b_only": round_of(move=lambda b, w: (b.grad, 0)),
    "returns_the_graph": round_of(returns=lambda loss: loss),
}.items():
    bank.wrong(autograd.step, attempt, mistake=name, label=name)


@bank.wrong(autograd.step, mistake="does_not_move", says="new tensor inside the function")
def rebinds(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b = b - lr * b.grad
        w = w - lr * w.grad
    b.grad = w.grad = None
    return loss.item()


@bank.wrong(autograd.step, mistake="does_not_move")
def zeroes_before_the_update(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    b.grad.zero_()
    w.grad.zero_()
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    return loss.item()


@bank.wrong(autograd.step, mistake="updates_inside_the_graph", says=("with torch.no_grad()", "w -= lr * w.grad"))
def updates_without_no_grad(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    w -= lr * w.grad
    b -= lr * b.grad
    return loss.item()


@bank.wrong(autograd.step, mistake="subtracts_the_parameters")
def forgets_grad(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b *= 1 - lr
        w *= 1 - lr
    b.grad = w.grad = None
    return loss.item()


@bank.wrong(autograd.step, mistake="forgets_backward")
def never_goes_back(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    return loss.item()


@bank.wrong(autograd.step, mistake="switches_gradients_off")
def switches_off_for_good(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    for parameter in (b, w):
        parameter.requires_grad = False
        parameter -= lr * parameter.grad
        parameter.grad = None
    return loss.item()


@bank.wrong(autograd.step, mistake="forgets_lr")
def full_gradient(x, y, b, w, lr):
    return round_of()(x, y, b, w, 1)


@bank.wrong(autograd.step, mistake="moves_in_turn")
def two_backwards(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b -= lr * b.grad
    w.grad = None
    mse(predict(x, b, w), y).backward()
    with torch.no_grad():
        w -= lr * w.grad
    b.grad = w.grad = None
    return loss.item()


@bank.wrong(autograd.step, mistake="looks_after_the_update")
def predicts_again(x, y, b, w, lr):
    round_of()(x, y, b, w, lr)
    return mse(predict(x, b, w), y).item()


@bank.wrong(autograd.step, mistake="steps_on_the_sum")
def backs_the_sum(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y).item()
    round_of(lambda yhat, y: torch.sum((yhat - y) ** 2))(x, y, b, w, lr)
    return loss


@bank.wrong(autograd.step, finding="kind", says=("3 values", "changed in place"))
def returns_parameters_too(x, y, b, w, lr):
    return b, w, round_of()(x, y, b, w, lr)


@bank.wrong(autograd.step, finding="none")
def returns_nothing(x, y, b, w, lr):
    round_of()(x, y, b, w, lr)


@bank.wrong(autograd.step, finding="raised", says="found nothing behind the loss")
@torch.no_grad()
def all_of_it_under_no_grad(x, y, b, w, lr):
    return round_of()(x, y, b, w, lr)


@bank.wrong(autograd.step, finding="raised", says="found nothing behind the loss")
def switches_graphs_off_for_good(x, y, b, w, lr):
    loss = mse(predict(x, b, w), y)
    loss.backward()
    torch.set_grad_enabled(False)
    b -= lr * b.grad
    w -= lr * w.grad
    b.grad = w.grad = None
    return loss.item()


# Batch -------------------------------------------------------------------------------------------------------------


@bank.right(autograd.train_batch)
def loop_over_step(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(zeroes_behind_the_update(x, y, b, w, lr))
    return b, w, losses


@bank.right(autograd.train_batch)
def through_an_optimizer(x, y, b, w, lr, n_epochs):
    b, w = torch.nn.Parameter(torch.tensor([b])), torch.nn.Parameter(torch.tensor([w]))
    sgd = torch.optim.SGD([b, w], lr)
    losses = torch.zeros(n_epochs)
    for epoch in range(n_epochs):
        sgd.zero_grad()
        loss = torch.nn.functional.mse_loss(predict(x, b, w), y)
        loss.backward()
        sgd.step()
        losses[epoch] = loss.detach()
    return b.detach(), w.detach(), losses


@bank.right(autograd.train_batch)
def new_leaves_each_time(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        loss = mse(predict(x, b, w), y)
        losses += [loss.detach()]
        loss.backward()
        b = (b - lr * b.grad).detach().requires_grad_()
        w = (w - lr * w.grad).detach().requires_grad_()
    return [b, w, losses]


@bank.right(autograd.train_batch)
def functional_training(x, y, b, w, lr, n_epochs):
    b, w, losses = torch.tensor(b), torch.tensor(w), []
    gradients = torch.func.grad_and_value(lambda b, w: mse(predict(x, b, w), y), argnums=(0, 1))
    while len(losses) < n_epochs:
        (b_grad, w_grad), loss = gradients(b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
        losses.append(loss)
    return b, w, losses


@bank.right(autograd.train_batch)
def in_double(x, y, b, w, lr, n_epochs):
    b, w = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (b, w))
    losses = [resets_before_backward(x.double(), y.double(), b, w, lr).item() for _ in range(n_epochs)]
    return b.item(), w.item(), losses


@bank.right(autograd.train_batch)
def one_parameter_vector(x, y, b, w, lr, n_epochs):
    params = torch.tensor([b, w], requires_grad=True)
    design = torch.cat([torch.ones_like(x), x], dim=1)
    losses = np.zeros(n_epochs, dtype=np.float32)
    for epoch in range(n_epochs):
        loss = ((design @ params - y.ravel()) ** 2).mean()
        (grad,) = torch.autograd.grad(loss, params)
        params.data -= lr * grad
        losses[epoch] = loss.item()
    return *params.tolist(), losses


def training(make=round_of, **options):
    def attempt(x, y, b, w, lr, n_epochs):
        b, w = leaves(b, w)
        losses = [make(**options)(x, y, b, w, lr) for _ in range(n_epochs)]
        return b.item(), w.item(), losses

    return attempt


for name, attempt in {
    "never_resets": training(reset=()),
    "keeps_all_graphs": training(returns=lambda loss: loss),
    "climbs": training(sign=1),
    "never_moves": training(move=lambda b, w: (0, 0)),
    "one_epoch_short": lambda *at: loop_over_step(*at[:-1], at[-1] - 1),
    "one_epoch_long": lambda *at: loop_over_step(*at[:-1], at[-1] + 1),
}.items():
    bank.wrong(autograd.train_batch, attempt, mistake=name, label=name)


@bank.wrong(autograd.train_batch, mistake="returns_losses_first")
def puts_losses_in_front(x, y, b, w, lr, n_epochs):
    b, w, losses = loop_over_step(x, y, b, w, lr, n_epochs)
    return losses, b, w


@bank.wrong(autograd.train_batch, mistake="rebinds_the_leaf", says="`b -= lr * b.grad`")
def gives_the_name_away(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        loss = mse(predict(x, b, w), y)
        loss.backward()
        losses.append(loss.item())
        b, w = b - lr * b.grad, w - lr * w.grad
        b.grad = w.grad = None
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, finding="raised", says="found nothing behind the loss")
def gives_the_name_away_under_no_grad(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        loss = mse(predict(x, b, w), y)
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            b, w = b - lr * b.grad, w - lr * w.grad
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, mistake="updates_without_no_grad")
def in_place_in_the_graph(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(updates_without_no_grad(x, y, b, w, lr))
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, mistake="retains_the_first_graph", says="retain_graph=True silences it")
def predicts_once(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    yhat = predict(x, b, w)
    losses = []
    for _ in range(n_epochs):
        loss = mse(yhat, y)
        loss.backward(retain_graph=True)
        losses.append(loss.item())
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, finding="raised", says="anew in every round")
def predicts_once_without_retaining(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    loss = mse(predict(x, b, w), y)
    losses = []
    for _ in range(n_epochs):
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = w.grad = None
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, mistake="updates_grow_the_graph", says="each takes longer than the last")
def retains_gradients_of_results(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        loss = torch.nn.functional.mse_loss(predict(x, b, w), y)
        losses.append(loss.item())
        b_grad, w_grad = torch.autograd.grad(loss, (b, w), retain_graph=True)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, says="whether b or w keeps a graph")
def hands_a_graph_out(x, y, b, w, lr, n_epochs):
    b, w, losses = loop_over_step(x, y, b, w, lr, n_epochs)
    return b * 1, w * 1, losses


@bank.wrong(autograd.train_batch, mistake="records_after_the_update")
def appends_behind_the_update(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        round_of()(x, y, b, w, lr)
        losses.append(mse(predict(x, b, w), y).item())
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, mistake="one_loss_too_many")
def appends_the_last_one_too(x, y, b, w, lr, n_epochs):
    b, w, losses = loop_over_step(x, y, b, w, lr, n_epochs)
    return b.item(), w.item(), [*losses, mse(predict(x, b, w), y).item()]


@bank.wrong(autograd.train_batch, mistake="begins_anew")
def makes_leaves_in_the_loop(x, y, b, w, lr, n_epochs):
    start, losses = (b, w), []
    for _ in range(n_epochs):
        b, w = leaves(*start)
        losses.append(round_of()(x, y, b, w, lr))
    return float(b), float(w), losses


@bank.wrong(autograd.train_batch, mistake="returns_in_the_loop")
def returns_too_early(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(round_of()(x, y, b, w, lr))
        return b.item(), w.item(), losses


@bank.wrong(autograd.train_batch, finding="raised", says="found nothing behind the loss")
def forgets_requires_grad(x, y, b, w, lr, n_epochs):
    b, w = torch.tensor(b), torch.tensor(w)
    return b.item(), w.item(), [round_of()(x, y, b, w, lr) for _ in range(n_epochs)]


@bank.wrong(autograd.train_batch, finding="kind", says="3 values (b, w, losses)")
def returns_losses_only(x, y, b, w, lr, n_epochs):
    return loop_over_step(x, y, b, w, lr, n_epochs)[2]


# Stochastic --------------------------------------------------------------------------------------------------------


@bank.right(autograd.train_stochastic)
def by_zip(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y).item())
        for x_i, y_i in zip(x, y, strict=True):
            zeroes_behind_the_update(x_i, y_i, b, w, lr)
    return b, w, losses


@bank.right(autograd.train_stochastic)
def by_data_loader(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    points = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=1)
    losses = []
    for _ in range(n_epochs):
        with torch.no_grad():
            losses.append(mse(predict(x, b, w), y))
        for point in points:
            resets_before_backward(*point, b, w, lr)
    return b.detach(), w.detach(), losses


@bank.right(autograd.train_stochastic)
def by_split(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = torch.zeros(n_epochs)
    for epoch in range(n_epochs):
        losses[epoch] = mse(predict(x, b, w), y).detach()
        for point in zip(x.split(1), y.split(1), strict=True):
            with_an_optimizer(*point, b, w, lr)
    return b.item(), w.item(), losses


@bank.right(autograd.train_stochastic)
def single_numbers(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(sum(((b + w * x[i, 0] - y[i, 0]) ** 2).item() for i in range(len(x))) / len(x))
        for i in range(len(x)):
            loss = (b + w * x[i, 0] - y[i, 0]) ** 2
            loss.backward()
            with torch.no_grad():
                b -= lr * b.grad
                w -= lr * w.grad
            b.grad, w.grad = None, None
    return b.item(), w.item(), losses


@bank.right(autograd.train_stochastic)
def one_loop_with_modulo(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for update in range(n_epochs * len(x)):
        i = update % len(x)
        if i == 0:
            losses.append(mse(predict(x, b, w), y).item())
        through_data(x[i], y[i], b, w, lr)
    return b, w, tuple(losses)


@bank.right(autograd.train_stochastic)
def by_lesson_3(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses.append(float(mse(predict(x, b, w), y)))
        for x_i, y_i in zip(x.ravel().tolist(), y.ravel().tolist(), strict=True):
            error = b + w * x_i - y_i
            b, w = b - lr * 2 * error, w - lr * 2 * x_i * error
    return b, w, losses


def walking(point_round=zeroes_behind_the_update, points=lambda x, y: zip(x, y, strict=True), log=None, reset=None):
    def attempt(x, y, b, w, lr, n_epochs):
        b, w = leaves(b, w)
        losses = []
        for _ in range(n_epochs):
            if reset:
                b.grad = w.grad = None
            before = mse(predict(x, b, w), y).item()
            passed = [point_round(*point, b, w, lr) for point in points(x, y)]
            losses.append(before if log is None else log(passed, mse(predict(x, b, w), y)))
        return b.item(), w.item(), losses

    return attempt


for name, attempt in {
    "records_the_last_point": walking(log=lambda passed, _: passed[-1]),
    "records_the_first_point": walking(log=lambda passed, _: passed[0]),
    "records_the_mean_on_the_way": walking(log=lambda passed, _: np.mean(passed)),
    "records_the_sum_on_the_way": walking(log=lambda passed, _: np.sum(passed)),
    "records_after_the_epoch": walking(log=lambda _, loss: loss.item()),
    "updates_once_an_epoch": loop_over_step,
    "uses_all_points": walking(points=lambda x, y: [(x, y)] * len(x)),
    "adds_up_over_the_points": walking(round_of(reset=())),
    "resets_once_an_epoch": walking(round_of(reset=()), reset=True),
    "makes_one_epoch_less": lambda *at: by_zip(*at[:-1], at[-1] - 1),
    "leaves_out_the_last_point": walking(points=lambda x, y: [(x[i], y[i]) for i in range(len(x) - 1)]),
    "stays_where_it_is": walking(rebinds),
}.items():
    bank.wrong(autograd.train_stochastic, attempt, mistake=name, label=name)


@bank.wrong(autograd.train_stochastic, mistake="records_the_last_point")
def appends_what_the_loop_left(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        for i in range(len(x)):
            loss = mse(predict(x[i], b, w), y[i])
            loss.backward()
            with torch.no_grad():
                b -= lr * b.grad
                w -= lr * w.grad
            b.grad = w.grad = None
        losses.append(loss.item())
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_stochastic, mistake="records_every_point", says="one for every epoch")
def appends_in_the_inner_loop(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        for point in zip(x, y, strict=True):
            losses.append(zeroes_behind_the_update(*point, b, w, lr))
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_stochastic, mistake="updates_at_the_end")
def collects_the_gradients(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y).item())
        for x_i, y_i in zip(x, y, strict=True):
            mse(predict(x_i, b, w), y_i).backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = w.grad = None
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_stochastic, mistake="keeps_graphs")
def appends_the_loss_itself(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        for point in zip(x, y, strict=True):
            zeroes_behind_the_update(*point, b, w, lr)
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_stochastic, mistake="rebinds_at_each_point")
def gives_the_name_away_at_each_point(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y).item())
        for i in range(len(x)):
            mse(predict(x[i], b, w), y[i]).backward()
            b = b - lr * b.grad
            w = w - lr * w.grad
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_stochastic, mistake="starts_every_epoch_anew")
def makes_leaves_in_every_epoch(x, y, b, w, lr, n_epochs):
    start, losses = (b, w), []
    for _ in range(n_epochs):
        b, w = leaves(*start)
        losses.append(mse(predict(x, b, w), y).item())
        for point in zip(x, y, strict=True):
            zeroes_behind_the_update(*point, b, w, lr)
    return b.item(), w.item(), losses


@bank.wrong(autograd.train_stochastic, mistake="ends_after_one_epoch")
def returns_after_one_epoch(x, y, b, w, lr, n_epochs):
    for _ in range(n_epochs):
        return by_zip(x, y, b, w, lr, 1)


@bank.wrong(autograd.train_stochastic, says="b is")
def shuffles(x, y, b, w, lr, n_epochs):
    return by_zip(x.flip(0), y.flip(0), b, w, lr, n_epochs)


@bank.wrong(autograd.train_stochastic, says="whether the graph grows")
def sums_the_losses_up(x, y, b, w, lr, n_epochs):
    start, total = leaves(b, w), 0
    for _ in range(n_epochs):
        for x_i, y_i in zip(x, y, strict=True):
            total = total + mse(predict(x_i, *start), y_i)
            torch.autograd.grad(total, start, retain_graph=True)
    return by_zip(x, y, b, w, lr, n_epochs)


# Bug 1 -------------------------------------------------------------------------------------------------------------

for name in ("loop_over_step", "through_an_optimizer", "new_leaves_each_time", "functional_training", "in_double"):
    for exercise in (autograd.settle, autograd.descend):
        bank.right(exercise, globals()[name], label=name)


@bank.right(autograd.settle)
def resets_at_the_top(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        b.grad = w.grad = None
        loss = mse(predict(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
    return b.item(), w.item(), losses


for name, attempt in {
    "still_adds_up": training(reset=()),
    "repairs_b_only": training(reset="b"),
    "repairs_w_only": training(reset="w"),
    "makes_new_parameters": makes_leaves_in_the_loop,
    "settles_and_keeps_graphs": training(returns=lambda loss: loss),
}.items():
    bank.wrong(autograd.settle, attempt, mistake=name, label=name)


@bank.wrong(autograd.settle, mistake="still_adds_up")
def resets_once_before_the_loop(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    b.grad = w.grad = None
    losses = [round_of(reset=())(x, y, b, w, lr) for _ in range(n_epochs)]
    return b.item(), w.item(), losses


@bank.wrong(autograd.settle, finding="none")
def returns_no_result(x, y, b, w, lr, n_epochs):
    loop_over_step(x, y, b, w, lr, n_epochs)


@bank.wrong(autograd.settle, mistake="resets_before_the_update", says="subtracts zero")
def zeroes_then_updates(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    return b.item(), w.item(), [zeroes_before_the_update(x, y, b, w, lr) for _ in range(n_epochs)]


@bank.wrong(autograd.settle, mistake="averages_the_gradients")
def divides_by_the_round(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for epoch in range(1, n_epochs + 1):
        loss = mse(predict(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad / epoch
            w -= lr * w.grad / epoch
    return b.item(), w.item(), losses


@bank.wrong(autograd.settle, finding="raised", says="b.grad = None takes it away")
def puts_a_zero_there(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    for _ in range(n_epochs):
        round_of(reset=())(x, y, b, w, lr)
        b.grad = 0
        w.grad = 0
    return b.item(), w.item(), []


# Bug 2 -------------------------------------------------------------------------------------------------------------


@bank.right(autograd.improve)
def the_same_leaves(x, y, b, w, lr):
    zeroes_behind_the_update(x, y, b, w, lr)
    return b, w


@bank.right(autograd.improve)
def new_leaves(x, y, b, w, lr):
    mse(predict(x, b, w), y).backward()
    b = (b - lr * b.grad).detach().requires_grad_()
    w = (w - lr * w.grad).detach().requires_grad_()
    return b, w


@bank.right(autograd.improve)
def new_tensors_of_numbers(x, y, b, w, lr):
    mse(predict(x, b, w), y).backward()
    return leaves((b - lr * b.grad).item(), (w - lr * w.grad).item())


@bank.right(autograd.improve)
def parameters(x, y, b, w, lr):
    grads = torch.autograd.grad(mse(predict(x, b, w), y), (b, w))
    return [torch.nn.Parameter(value.detach() - lr * grad) for value, grad in zip((b, w), grads, strict=True)]


@bank.right(autograd.improve)
def under_no_grad_and_on_again(x, y, b, w, lr):
    mse(predict(x, b, w), y).backward()
    with torch.no_grad():
        b = b - lr * b.grad
        w = w - lr * w.grad
    b.requires_grad = w.requires_grad = True
    return b, w


@bank.wrong(autograd.improve, mistake="still_rebinds", says="must be leaves")
def resets_after_rebinding(x, y, b, w, lr):
    mse(predict(x, b, w), y).backward()
    b, w = b - lr * b.grad, w - lr * w.grad
    b.grad = w.grad = None
    return b, w


@bank.wrong(autograd.improve, mistake="retains_gradients", says="the graph grows with every call")
def keeps_the_gradients_of_results(x, y, b, w, lr):
    b_grad, w_grad = torch.autograd.grad(mse(predict(x, b, w), y), (b, w))
    return b - lr * b_grad, w - lr * w_grad


@bank.wrong(autograd.improve, mistake="loses_requires_grad", says="never does")
def rebinds_under_no_grad(x, y, b, w, lr):
    mse(predict(x, b, w), y).backward()
    with torch.no_grad():
        b = b - lr * b.grad
        w = w - lr * w.grad
    return b, w


@bank.wrong(autograd.improve, mistake="loses_requires_grad")
def detaches_only(x, y, b, w, lr):
    b, w = new_leaves(x, y, b, w, lr)
    return b.detach(), w.detach()


@bank.wrong(autograd.improve, mistake="now_adds_up")
def in_place_without_a_reset(x, y, b, w, lr):
    round_of(reset=())(x, y, b, w, lr)
    return b, w


@bank.wrong(autograd.improve, mistake="updates_in_place_in_the_graph", says="with torch.no_grad()")
def in_place_outside_no_grad(x, y, b, w, lr):
    mse(predict(x, b, w), y).backward()
    b -= lr * b.grad
    w -= lr * w.grad
    return b, w


@bank.wrong(autograd.improve, mistake="improves_nothing")
def resets_and_then_updates(x, y, b, w, lr):
    zeroes_before_the_update(x, y, b, w, lr)
    return b, w


@bank.wrong(autograd.improve, mistake="returns_w_first")
def exchanges_the_two(x, y, b, w, lr):
    b, w = the_same_leaves(x, y, b, w, lr)
    return w, b


@bank.wrong(autograd.improve, mistake="returns_numbers", says="make new leaves")
def takes_the_numbers_out(x, y, b, w, lr):
    mse(predict(x, b, w), y).backward()
    return (b - lr * b.grad).item(), float(w.detach() - lr * w.grad)


@bank.wrong(autograd.improve, finding="none")
def returns_neither(x, y, b, w, lr):
    the_same_leaves(x, y, b, w, lr)


# Bug 3 -------------------------------------------------------------------------------------------------------------

for name, attempt in {
    "still_grows": retains_gradients_of_results,
    "only_takes_retain_grad_away": gives_the_name_away,
    "adds_up_instead": training(reset=()),
    "in_place_but_in_the_graph": in_place_in_the_graph,
    "descends_nowhere": training(move=lambda b, w: (0, 0)),
    "keeps_the_losses_graphs": training(returns=lambda loss: loss),
    "goes_through_the_first_graph_again": predicts_once,
}.items():
    bank.wrong(autograd.descend, attempt, mistake=name, label=name)
bank.wrong(
    autograd.descend,
    gives_the_name_away_under_no_grad,
    finding="raised",
    says="found nothing behind the loss",
    label="loses-requires-grad",
)


@bank.wrong(autograd.descend, mistake="still_grows")
def hides_the_graph_from_the_result(x, y, b, w, lr, n_epochs):
    b, w = leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        b.retain_grad()
        w.retain_grad()
        loss = mse(predict(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        b = b - lr * b.grad
        w = w - lr * w.grad
    return b.detach(), w.detach(), losses


# Quiz --------------------------------------------------------------------------------------------------------------

bank.right(autograd.what_is_in_grad, {"b", "d"})
bank.right(autograd.what_is_in_grad, "b, d")
bank.wrong(autograd.what_is_in_grad, {"a", "d"}, mistake="chose_a", says="replaced")
bank.wrong(autograd.what_is_in_grad, {"b"}, mistake="missed_d")
bank.right(autograd.who_gets_a_gradient, {"a", "b"})
bank.wrong(autograd.who_gets_a_gradient, {"a", "b", "d"}, mistake="chose_d", says="no leaf")
bank.wrong(autograd.who_gets_a_gradient, {"a"}, mistake="missed_b")
bank.right(autograd.ways_to_update, ["a", "e"])
bank.wrong(autograd.ways_to_update, {"a"}, mistake="missed_e")
bank.wrong(autograd.ways_to_update, {"a", "c", "e"}, mistake="chose_c", says="stays None")
bank.right(autograd.one_at_a_time, {"b", "c"})
bank.wrong(autograd.one_at_a_time, {"b"}, mistake="missed_c")
bank.wrong(autograd.one_at_a_time, {"b", "c", "e"}, mistake="chose_e", says="at 0.01")
bank.wrong(autograd.one_at_a_time, ..., finding="not attempted", label="dots")
