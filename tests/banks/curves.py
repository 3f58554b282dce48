"""Answers to lesson 06."""

import numpy as np

from gdexercises import curves
from gdexercises.curves import torch
from tests.banks import Bank

bank = Bank()


def mse(yhat, y):
    return ((yhat - y) ** 2).mean()


# Quadratic ---------------------------------------------------------------------------------------------------------


@bank.right(curves.quadratic)
def by_index(x, params):
    return params[0] * x**2 + params[1] * x + params[2]


@bank.right(curves.quadratic)
def by_horner(t, p):
    return (p[0] * t + p[1]) * t + p[2]


@bank.right(curves.quadratic)
def by_matrix(x, params):
    return torch.stack([x**2, x, torch.ones_like(x)], dim=1) @ params


@bank.right(curves.quadratic)
def by_vander(x, params):
    return torch.mv(torch.vander(x, 3), params)


@bank.right(curves.quadratic)
def by_einsum(x, params):
    return torch.einsum("kn,k->n", x ** torch.tensor([[2.0], [1.0], [0.0]]), params)


@bank.right(curves.quadratic)
def by_loop(x, params):
    return torch.stack([params[0] * value * value + params[1] * value + params[2] for value in x])


@bank.right(curves.quadratic)
def by_functions(x, params):
    a, b, c = params.unbind()
    return torch.add(c, torch.addcmul(b * x, a, torch.square(x)))


@bank.right(curves.quadratic)
def in_double_precision(x, params):
    x, (a, b, c) = x.double(), params.double()
    return a * x.pow(2) + b * x + c


for name, attempt in {
    "reversed_order": lambda x, p: p[0] + p[1] * x + p[2] * x**2,
    "exchanges_a_and_b": lambda x, p: p[1] * x * x + p[0] * x + p[2],
    "leaves_out_the_square": lambda x, p: (p[0] + p[1]) * x + p[2],
    "squares_the_product": lambda x, p: torch.square(p[0] * x) + p[1] * x + p[2],
    "leaves_out_c": lambda x, p: x * (p[0] * x + p[1]),
    "doubles": lambda x, p: 2 * p[0] * x + p[1] * x + p[2],
    "cuts_the_graph": lambda x, p: p[0].item() * x**2 + p[1].item() * x + p[2].item(),
}.items():
    bank.wrong(curves.quadratic, attempt, mistake=name, label=name)


@bank.wrong(curves.quadratic, mistake="cuts_the_graph")
def detaches(x, params):
    return by_index(x, params.detach())


@bank.wrong(curves.quadratic, mistake="cuts_the_graph", says="the graph is cut")
def under_no_grad(x, params):
    with torch.no_grad():
        return by_index(x, params)


@bank.wrong(curves.quadratic, says="the gradient of yhat.sum() by params")
def cuts_a_part_of_the_graph(x, params):
    return params[0].item() * x**2 + params[1] * x + params[2]


@bank.wrong(curves.quadratic, finding="kind", says=("a list", "torch.stack"))
def list_of_predictions(x, params):
    return [by_index(value, params) for value in x]


@bank.wrong(curves.quadratic, finding="kind", says="can differentiate tensors only")
def in_numpy(x, params):
    return np.polyval(params.detach().numpy(), x.numpy())


@bank.wrong(curves.quadratic, finding="shape")
def makes_a_column(x, params):
    return by_index(x, params).reshape(-1, 1)


@bank.wrong(curves.quadratic, finding="raised", says="NumPy knows nothing of gradients")
def numpy_with_a_graph(x, params):
    return np.polyval(params.numpy(), x.numpy())


@bank.wrong(curves.quadratic, finding="none", says="return")
def forgets_return(x, params):
    by_index(x, params)


# RMSE --------------------------------------------------------------------------------------------------------------


@bank.right(curves.rmse)
def root_of_mse_loss(yhat, y):
    return torch.sqrt(torch.nn.functional.mse_loss(yhat, y))


@bank.right(curves.rmse)
def by_power(yhat, y):
    return torch.mean((y - yhat) ** 2) ** 0.5


@bank.right(curves.rmse)
def by_norm(yhat, y):
    return torch.linalg.norm(yhat - y) / len(y) ** 0.5


@bank.right(curves.rmse)
def by_dot_product(yhat, y):
    error = yhat - y
    return (error @ error / error.numel()).sqrt()


@bank.right(curves.rmse)
def as_a_float(yhat, y):
    return (sum((a - b) ** 2 for a, b in zip(yhat.tolist(), y.tolist(), strict=True)) / len(y)) ** 0.5


@bank.right(curves.rmse)
def in_numpy_after_detach(yhat, y):
    return np.sqrt(np.mean((yhat.detach().numpy() - y.numpy()) ** 2))


@bank.right(curves.rmse)
def one_element(yhat, y):
    return ((yhat - y) ** 2).mean(dim=0, keepdim=True).sqrt()


for name, attempt in {
    "forgets_the_root": lambda yhat, y: torch.mean((yhat - y) ** 2),
    "mean_of_roots": lambda yhat, y: (yhat - y).abs().mean(),
    "squares_the_mean": lambda yhat, y: ((yhat - y).mean() ** 2) ** 0.5,
    "sums": lambda yhat, y: torch.linalg.norm(yhat - y),
    "divides_outside_the_root": lambda yhat, y: torch.linalg.norm(yhat - y) / y.numel(),
    "standard_deviation": lambda yhat, y: (yhat - y).var(correction=0).sqrt(),
    "divides_by_one_less": lambda yhat, y: torch.sqrt(((yhat - y) ** 2).sum() / (len(y) - 1)),
    "compares_roots": lambda yhat, y: (y.abs() ** 0.5 - yhat.abs() ** 0.5).abs().mean(),
}.items():
    bank.wrong(curves.rmse, attempt, mistake=name, label=name)
bank.wrong(curves.rmse, lambda yhat, y: ((yhat - y) ** 2).sqrt(), finding="shape", says="One number", label="no-mean")
bank.wrong(curves.rmse, lambda yhat, y: -by_power(yhat, y), says="the sign is reversed", label="negative")
bank.wrong(curves.rmse, lambda yhat, y: None, finding="not attempted", label="none")


@bank.wrong(curves.rmse, finding="changed arguments", says="yhat")
def subtracts_in_place(yhat, y):
    yhat = yhat.detach()
    yhat -= y
    return (yhat**2).mean().sqrt()


# Step --------------------------------------------------------------------------------------------------------------


@bank.right(curves.step)
def with_item(x, y, params, lr):
    loss = mse(by_index(x, params), y)
    loss.backward()
    with torch.no_grad():
        params -= lr * params.grad
        params.grad.zero_()
    return loss.sqrt().item()


@bank.right(curves.step)
def zeroes_first(x, y, params, lr):
    params.grad = None
    loss = mse(by_index(x, params), y)
    loss.backward()
    with torch.no_grad():
        params.sub_(params.grad, alpha=lr)
    return float(loss) ** 0.5


@bank.right(curves.step)
def with_autograd_grad(x, y, params, lr):
    loss = mse(by_horner(x, params), y)
    (grad,) = torch.autograd.grad(loss, params)
    with torch.no_grad():
        params.copy_(params - lr * grad)
    return loss.detach().sqrt()


@bank.right(curves.step)
def through_data(x, y, params, lr):
    yhat = by_index(x, params)
    mse(yhat, y).backward()
    params.data = params.data - lr * params.grad
    params.grad = torch.zeros_like(params)
    return by_power(yhat, y).item()


@bank.right(curves.step)
def with_an_optimizer(x, y, params, lr):
    optimizer = torch.optim.SGD([params], lr=lr)
    loss = torch.nn.functional.mse_loss(by_index(x, params), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return np.sqrt(loss.item())


@bank.right(curves.step)
def by_the_formula(x, y, params, lr):
    error = (by_index(x, params) - y).detach()
    grad = 2 * torch.stack([(error * x**2).mean(), (error * x).mean(), error.mean()])
    with torch.no_grad():
        for i in range(3):
            params[i] -= lr * grad[i]
    return [(error @ error / len(error)).sqrt().item()].pop()


def round_of(loss_of=mse, sign=-1, reset=True, returns=lambda yhat, y: by_power(yhat, y).item()):
    def attempt(x, y, params, lr):
        yhat = by_index(x, params)
        loss_of(yhat, y).backward()
        with torch.no_grad():
            params += sign * lr * params.grad
        if reset:
            params.grad.zero_()
        return returns(yhat, y)

    return attempt


for name, attempt in {
    "gradient_not_reset": round_of(reset=False),
    "uphill": round_of(sign=1),
    "trains_on_rmse": round_of(by_power),
    "trains_on_the_sum": round_of(lambda yhat, y: torch.sum((y - yhat) ** 2)),
    "returns_mse": round_of(returns=lambda yhat, y: mse(yhat, y).item()),
    "returns_the_graph": round_of(returns=by_power),
}.items():
    bank.wrong(curves.step, attempt, mistake=name, label=name)


@bank.wrong(curves.step, mistake="does_not_move", says="new tensor inside the function")
def rebinds(x, y, params, lr):
    loss = mse(by_index(x, params), y)
    loss.backward()
    with torch.no_grad():
        params = params - lr * params.grad
    return loss.sqrt().item()


@bank.wrong(curves.step, mistake="does_not_move")
def zeroes_too_early(x, y, params, lr):
    loss = mse(by_index(x, params), y)
    loss.backward()
    params.grad.zero_()
    with torch.no_grad():
        params -= lr * params.grad
    return loss.sqrt().item()


@bank.wrong(curves.step, mistake="looks_after_the_update")
def predicts_again(x, y, params, lr):
    mse(by_index(x, params), y).backward()
    with torch.no_grad():
        params -= lr * params.grad
    params.grad = None
    return by_power(by_index(x, params), y).item()


@bank.wrong(curves.step, mistake="forgets_lr")
def full_gradient(x, y, params, lr):
    return round_of()(x, y, params, 1)


@bank.wrong(curves.step, finding="raised", says="with torch.no_grad()")
def updates_in_the_graph(x, y, params, lr):
    loss = mse(by_index(x, params), y)
    loss.backward()
    params -= lr * params.grad
    return loss.sqrt().item()


@bank.wrong(curves.step, finding="raised", says="requires gradients")
def predicts_without_a_graph(x, y, params, lr):
    loss = mse(by_index(x, params.detach()), y)
    loss.backward()
    return loss.sqrt().item()


@bank.wrong(curves.step, finding="kind", says=("2 values", "changed in place"))
def returns_params_too(x, y, params, lr):
    return params, with_item(x, y, params, lr)


@bank.wrong(curves.step, finding="none")
def returns_nothing(x, y, params, lr):
    with_item(x, y, params, lr)


# Fit ---------------------------------------------------------------------------------------------------------------


@bank.right(curves.fit)
def loop_over_step(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    losses = []
    for _ in range(n_epochs):
        losses.append(with_item(x, y, params, lr))
    return params, losses


@bank.right(curves.fit)
def detached_copy(x, y, start, lr, n_epochs):
    params = start.detach().clone()
    params.requires_grad = True
    losses = torch.zeros(n_epochs)
    for epoch in range(n_epochs):
        losses[epoch] = with_item(x, y, params, lr)
    return [params.detach(), losses]


@bank.right(curves.fit)
def functional(x, y, start, lr, n_epochs):
    params, losses = start, []
    gradient = torch.func.grad_and_value(lambda params: mse(by_index(x, params), y))
    while len(losses) < n_epochs:
        grad, loss = gradient(params)
        params = params - lr * grad
        losses.append(loss.sqrt())
    return params, losses


@bank.right(curves.fit)
def through_an_optimizer(x, y, start, lr, n_epochs):
    params = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.SGD([params], lr)
    losses = []
    for _ in range(n_epochs):
        optimizer.zero_grad()
        loss = mse(by_index(x, params), y)
        losses += [loss.item() ** 0.5]
        loss.backward()
        optimizer.step()
    return params.data, losses


@bank.right(curves.fit)
def three_numbers(x, y, start, lr, n_epochs):
    a, b, c = (start[i].clone().requires_grad_() for i in range(3))
    losses = []
    for _ in range(n_epochs):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        losses.append(loss.sqrt().detach())
        loss.backward()
        for p in (a, b, c):
            p.data -= lr * p.grad
            p.grad = None
    return (a.item(), b.item(), c.item()), losses


@bank.right(curves.fit)
def from_a_list(x, y, start, lr, n_epochs):
    params = torch.tensor(start.tolist(), requires_grad=True)
    return params, [zeroes_first(x, y, params, lr) for _ in range(n_epochs)]


@bank.wrong(curves.fit, mistake="trains_start_itself", says="start.clone()")
def no_copy(x, y, start, lr, n_epochs):
    params = start
    params.requires_grad_()
    losses = [with_item(x, y, params, lr) for _ in range(n_epochs)]
    return params.detach(), losses


@bank.wrong(curves.fit, mistake="makes_one_round")
def returns_in_the_loop(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    losses = []
    for _ in range(n_epochs):
        losses.append(with_item(x, y, params, lr))
        return params, losses


@bank.wrong(curves.fit, mistake="one_epoch_short")
def begins_at_one(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    return params, [with_item(x, y, params, lr) for _ in range(1, n_epochs)]


@bank.wrong(curves.fit, mistake="begins_anew")
def copies_in_the_loop(x, y, start, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        params = start.clone().requires_grad_()
        losses.append(with_item(x, y, params, lr))
    return params, losses


@bank.wrong(curves.fit, mistake="records_after_the_update")
def appends_behind_the_step(x, y, start, lr, n_epochs):
    params, losses = start.clone().requires_grad_(), []
    for _ in range(n_epochs):
        with_item(x, y, params, lr)
        losses.append(by_power(by_index(x, params), y).item())
    return params, losses


@bank.wrong(curves.fit, mistake="gradients_pile_up")
def never_resets(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    return params, [round_of(reset=False)(x, y, params, lr) for _ in range(n_epochs)]


@bank.wrong(curves.fit, mistake="keeps_all_graphs")
def appends_tensors(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    return params.detach(), [round_of(returns=by_power)(x, y, params, lr) for _ in range(n_epochs)]


@bank.wrong(curves.fit, mistake="fits_the_rmse")
def calls_backward_on_rmse(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    return params, [round_of(by_power)(x, y, params, lr) for _ in range(n_epochs)]


@bank.wrong(curves.fit, finding="raised", says="requires gradients")
def forgets_requires_grad(x, y, start, lr, n_epochs):
    params = start.clone()
    return params, [with_item(x, y, params, lr) for _ in range(n_epochs)]


@bank.wrong(curves.fit, finding="kind", says="Return two")
def returns_losses_only(x, y, start, lr, n_epochs):
    return loop_over_step(x, y, start, lr, n_epochs)[1][-1]


@bank.wrong(curves.fit, finding="kind", says="params should be an array")
def in_the_other_order(x, y, start, lr, n_epochs):
    params, losses = loop_over_step(x, y, start, lr, n_epochs)
    return {"losses": losses}, params


# Fit with an optimizer ---------------------------------------------------------------------------------------------


@bank.right(curves.fit_with_optim)
def zero_grad_at_the_end(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = mse(model(x), y)
        losses.append(loss.item() ** 0.5)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return losses


@bank.right(curves.fit_with_optim)
def with_the_loss_of_nn(model, x, y, lr, n_epochs):
    criterion = torch.nn.MSELoss()
    sgd = torch.optim.SGD(list(model.parameters()), lr)
    losses = torch.empty(n_epochs)
    for epoch in range(n_epochs):
        sgd.zero_grad(set_to_none=False)
        loss = criterion(model(x), y)
        loss.backward()
        sgd.step()
        losses[epoch] = loss.detach().sqrt()
    return losses


@bank.right(curves.fit_with_optim)
def with_a_closure(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    def closure():
        optimizer.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        return loss

    return [optimizer.step(closure).detach().sqrt() for _ in range(n_epochs)]


@bank.right(curves.fit_with_optim)
def zeroes_by_the_model(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(params=[{"params": model.parameters(), "lr": lr}])
    losses = []
    for _ in range(n_epochs):
        model.train()
        yhat = model.forward(x)
        model.zero_grad()
        torch.nn.functional.mse_loss(yhat, y).backward()
        optimizer.step()
        losses = [*losses, as_a_float(yhat, y)]
    return tuple(losses)


@bank.right(curves.fit_with_optim)
def sets_lr_in_the_loop(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    losses = []
    for _ in range(n_epochs):
        for group in optimizer.param_groups:
            group["lr"] = lr
        yhat = model(x)
        losses.append(float(by_power(yhat, y)))
        optimizer.zero_grad()
        mse(yhat, y).backward()
        optimizer.step()
    return np.array(losses)


def training(make=lambda parameters, lr: torch.optim.SGD(parameters, lr=lr), loss_of=mse, zero=True, keep=by_power):
    def attempt(model, x, y, lr, n_epochs):
        optimizer = make(model.parameters(), lr)
        losses = []
        for _ in range(n_epochs):
            yhat = model(x)
            losses.append(keep(yhat.detach(), y).item())
            if zero:
                optimizer.zero_grad()
            loss_of(yhat, y).backward()
            optimizer.step()
        return losses

    return attempt


for name, attempt in {
    "forgets_zero_grad": training(zero=False),
    "leaves_lr_at_its_default": training(lambda parameters, lr: torch.optim.SGD(parameters)),
    "uses_adam": training(lambda parameters, lr: torch.optim.Adam(parameters, lr=lr)),
    "uses_momentum": training(lambda parameters, lr: torch.optim.SGD(parameters, lr=lr, momentum=0.9)),
    "optimizes_the_rmse": training(loss_of=by_power),
    "keeps_the_mse": training(keep=mse),
}.items():
    bank.wrong(curves.fit_with_optim, attempt, mistake=name, label=name)


@bank.wrong(curves.fit_with_optim, mistake="zeroes_before_the_step")
def zeroes_between(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = mse(model(x), y)
        loss.backward()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()
        losses.append(loss.item() ** 0.5)
    return losses


@bank.wrong(curves.fit_with_optim, mistake="zeroes_before_the_step")
def sets_to_none_between(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = mse(model(x), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        losses.append(loss.item() ** 0.5)
    return losses


@bank.wrong(curves.fit_with_optim, mistake="never_steps")
def backward_only(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = mse(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item() ** 0.5)
    return losses


@bank.wrong(curves.fit_with_optim, mistake="measures_after_the_step")
def predicts_after_the_step(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        optimizer.zero_grad()
        mse(model(x), y).backward()
        optimizer.step()
        losses.append(by_power(model(x), y).item())
    return losses


@bank.wrong(curves.fit_with_optim, mistake="updates_by_hand")
def steps_by_hand(model, x, y, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = mse(model(x), y)
        grads = torch.autograd.grad(loss, list(model.parameters()))
        for parameter, grad in zip(model.parameters(), grads, strict=True):
            parameter.data -= lr * grad
        losses.append(loss.item() ** 0.5)
    return losses


@bank.wrong(curves.fit_with_optim, mistake="keeps_graphs_of_the_model")
def appends_what_rmse_gives(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        optimizer.zero_grad()
        losses.append(by_power(model(x), y))
        mse(model(x), y).backward()
        optimizer.step()
    return losses


@bank.wrong(curves.fit_with_optim, mistake="broadcasts_a_column", says="(N, N)")
def adds_an_axis(model, x, y, lr, n_epochs):
    return zero_grad_at_the_end(torch.nn.Sequential(model, torch.nn.Unflatten(0, (-1, 1))), x, y, lr, n_epochs)


@bank.wrong(curves.fit_with_optim, finding="raised", says="with brackets")
def forgets_the_brackets(model, x, y, lr, n_epochs):
    torch.optim.SGD(model.parameters, lr=lr)


@bank.wrong(curves.fit_with_optim, finding="kind", says="Return losses alone")
def returns_the_model_too(model, x, y, lr, n_epochs):
    return model, zero_grad_at_the_end(model, x, y, lr, n_epochs)


@bank.wrong(curves.fit_with_optim, finding="none", says="return")
def returns_no_losses(model, x, y, lr, n_epochs):
    zero_grad_at_the_end(model, x, y, lr, n_epochs)


@bank.wrong(curves.fit_with_optim, finding="raised", says="model.parameters()")
def hands_over_nothing(model, x, y, lr, n_epochs):
    return training(lambda parameters, lr: torch.optim.SGD([], lr=lr))(model, x, y, lr, n_epochs)


@bank.wrong(curves.fit_with_optim, finding="raised", says="model.parameters()")
def hands_over_the_model(model, x, y, lr, n_epochs):
    torch.optim.SGD(model, lr=lr)


# Standardize -------------------------------------------------------------------------------------------------------


@bank.right(curves.standardize)
def with_unbiased_false(X, X_new):
    mean, std = X.mean(0), X.std(0, unbiased=False)
    return (X - mean) / std, (X_new - mean) / std


@bank.right(curves.standardize)
def root_of_the_mean_square(X, X_new):
    centred = X - X.mean(dim=0, keepdim=True)
    scale = centred.square().mean(dim=0).sqrt()
    return centred / scale, (X_new - X.mean(dim=0)) / scale


@bank.right(curves.standardize)
def column_by_column(X, X_new):
    Z, Z_new = torch.empty_like(X), torch.empty_like(X_new)
    for j in range(X.shape[1]):
        mean = sum(X[:, j]) / len(X)
        std = (sum((X[:, j] - mean) ** 2) / len(X)) ** 0.5
        Z[:, j], Z_new[:, j] = (X[:, j] - mean) / std, (X_new[:, j] - mean) / std
    return Z, Z_new


@bank.right(curves.standardize)
def in_numpy_with_its_std(X, X_new):
    mean, std = X.numpy().mean(0), X.numpy().std(0)
    return [torch.from_numpy((part.numpy() - mean) / std) for part in (X, X_new)]


@bank.right(curves.standardize)
def corrects_the_correction(X, X_new):
    n = len(X)
    mean, std = X.mean(dim=0), X.std(dim=0) * ((n - 1) / n) ** 0.5
    return (X - mean) / std, (X_new - mean) / std


@bank.right(curves.standardize)
def with_var_mean(X, X_new):
    var, mean = torch.var_mean(X.double(), dim=0, correction=0)
    return tuple((part - mean) * var.rsqrt() for part in (X, X_new))


def scaled(mean_of=lambda X: X.mean(0), std_of=lambda X: X.std(0, correction=0), new=lambda X, X_new: X):
    def attempt(X, X_new):
        other = new(X, X_new)
        return (X - mean_of(X)) / std_of(X), (X_new - mean_of(other)) / std_of(other)

    return attempt


for name, attempt in {
    "divides_by_n_minus_1": scaled(std_of=lambda X: torch.std(X, 0)),
    "one_scale_for_all_columns": scaled(torch.mean, lambda X: X.flatten().std()),
    "one_std_for_all_columns": scaled(std_of=torch.std),
    "scales_new_data_by_itself": scaled(new=lambda X, X_new: X_new),
    "divides_by_the_variance": scaled(std_of=lambda X: X.std(0, correction=0) ** 2),
    "does_not_shift": scaled(mean_of=lambda X: 0),
    "does_not_scale": scaled(std_of=lambda X: 1),
    "min_max": scaled(lambda X: X.amin(0), lambda X: X.amax(0) - X.amin(0)),
}.items():
    bank.wrong(curves.standardize, attempt, mistake=name, label=name)


@bank.wrong(curves.standardize, mistake="per_row")
def transposes(X, X_new):
    return tuple(((P.T - P.mean(1)) / P.std(1, correction=0)).T for P in (X, X_new))


@bank.wrong(curves.standardize, mistake="leaves_new_data_as_it_is")
def returns_new_data_raw(X, X_new):
    return with_unbiased_false(X, X_new)[0], X_new


@bank.wrong(curves.standardize, mistake="scales_by_all_data")
def stacks_first(X, X_new):
    both = torch.vstack([X, X_new])
    both = (both - both.mean(0)) / both.std(0, correction=0)
    return both[: len(X)], both[len(X) :]


@bank.wrong(curves.standardize, finding="kind", says="2 values (Z, Z_new)")
def also_returns_mean_and_std(X, X_new):
    return *with_unbiased_false(X, X_new), X.mean(0), X.std(0)


@bank.wrong(curves.standardize, finding="changed arguments", says="X_new")
def changes_its_arguments(X, X_new):
    mean, std = X.mean(0), X.std(0, correction=0)
    X -= mean
    X /= std
    X_new -= mean
    X_new /= std
    return X, X_new


# The bug -----------------------------------------------------------------------------------------------------------


def trained(Z, y, lr, n_epochs):
    params = torch.zeros(3, requires_grad=True)
    for _ in range(n_epochs):
        mse(Z @ params[:2] + params[2], y).backward()
        params.data -= lr * params.grad
        params.grad = None
    return params.detach()


def features(x):
    return torch.stack([x**2, x], dim=1)


def forecast_with(scale):
    def attempt(x, y, x_new, lr, n_epochs):
        Z, Z_new = scale(features(x), features(x_new))
        params = trained(Z, y, lr, n_epochs)
        return Z_new @ params[:2] + params[2]

    return attempt


bank.right(curves.forecast, forecast_with(with_unbiased_false), label="calls-standardize")
bank.right(curves.forecast, forecast_with(column_by_column), label="column-by-column")


@bank.right(curves.forecast)
def maps_the_parameters_back(x, y, x_new, lr, n_epochs):
    X = features(x)
    mean, std = X.mean(0), X.std(0, correction=0)
    params = trained((X - mean) / std, y, lr, n_epochs)
    a, b = params[:2] / std
    return a * x_new**2 + b * x_new + params[2] - (a * mean[0] + b * mean[1])


@bank.right(curves.forecast)
def keeps_the_graph(x, y, x_new, lr, n_epochs):
    Z, Z_new = with_unbiased_false(features(x), features(x_new))
    model = torch.nn.Linear(2, 1)
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(n_epochs):
        optimizer.zero_grad()
        mse(model(Z).squeeze(1), y).backward()
        optimizer.step()
    return model(Z_new).squeeze(1)


@bank.right(curves.forecast)
def point_by_point(x, y, x_new, lr, n_epochs):
    return [forecast_with(with_unbiased_false)(x, y, x_new[i : i + 1], lr, n_epochs).item() for i in range(len(x_new))]


for name, scale in {
    "still_scales_by_itself": scaled(new=lambda X, X_new: X_new),
    "no_scaling_of_new_points": returns_new_data_raw,
    "scales_old_and_new_together": stacks_first,
    "scales_nothing": lambda X, X_new: (X, X_new),
    "only_the_mean_of_training": lambda X, X_new: (
        with_unbiased_false(X, X_new)[0],
        (X_new - X.mean(0)) / X_new.std(0, correction=0),
    ),
    "only_the_std_of_training": lambda X, X_new: (
        with_unbiased_false(X, X_new)[0],
        (X_new - X_new.mean(0)) / X.std(0, correction=0),
    ),
}.items():
    bank.wrong(curves.forecast, forecast_with(scale), mistake=name, label=name)


@bank.wrong(curves.forecast, finding="shape")
def predicts_at_the_old_points(x, y, x_new, lr, n_epochs):
    Z, _ = with_unbiased_false(features(x), features(x_new))
    params = trained(Z, y, lr, n_epochs)
    return torch.cat([Z @ params[:2] + params[2], params])


@bank.wrong(curves.forecast, finding="none")
def forgets_to_return(x, y, x_new, lr, n_epochs):
    forecast_with(with_unbiased_false)(x, y, x_new, lr, n_epochs)


@bank.wrong(curves.forecast, says="yhat_new")
def trains_one_epoch_less(x, y, x_new, lr, n_epochs):
    return forecast_with(with_unbiased_false)(x, y, x_new, lr, n_epochs - 1)


# Quiz --------------------------------------------------------------------------------------------------------------

bank.right(curves.why_c_stands_still, {"b", "c"})
bank.right(curves.why_c_stands_still, "c, b")
bank.wrong(curves.why_c_stands_still, {"a", "b", "c"}, mistake="chose_a", says="-171")
bank.wrong(curves.why_c_stands_still, {"b"}, mistake="missed_c")
bank.right(curves.looks_fitted, {"c"})
bank.wrong(curves.looks_fitted, {"a", "c"}, mistake="chose_a", says="off by 11")
bank.wrong(curves.looks_fitted, {"b"}, mistake="chose_b", says="0.58")
bank.right(curves.what_standardizing_changes, {"b", "c", "d"})
bank.wrong(curves.what_standardizing_changes, {"b", "d"}, mistake="missed_c")
bank.wrong(curves.what_standardizing_changes, {"a", "b", "c", "d"}, mistake="chose_a")
bank.right(curves.what_the_optimizer_sees, ["b", "d"])
bank.wrong(curves.what_the_optimizer_sees, {"c"}, mistake="chose_c")
bank.wrong(curves.what_the_optimizer_sees, ..., finding="not attempted", label="dots")
