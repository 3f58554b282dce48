"""Answers to lesson 03."""

import functools
import itertools
import math
from copy import deepcopy

import numpy as np

from gdexercises import batches
from tests.banks import Bank

bank = Bank()


def _in_order(x, y, batch_size):
    for start in range(0, len(x), batch_size):
        yield x[start : start + batch_size], y[start : start + batch_size]


# Updates in an epoch -----------------------------------------------------------------------------------------------

bank.right(batches.updates_per_epoch, lambda n_points, batch_size: -(-n_points // batch_size), label="double-minus")
bank.right(batches.updates_per_epoch, lambda N, n: len(range(0, N, n)), label="length-of-a-range")
bank.right(batches.updates_per_epoch, lambda N, n: np.ceil(N / n), label="a-numpy-float")
bank.right(batches.updates_per_epoch, lambda N, n: (N + n - 1) // n, label="adds-before-dividing")


@bank.right(batches.updates_per_epoch)
def adds_one_if_there_is_a_rest(n_points, batch_size):
    full, rest = divmod(n_points, batch_size)
    return full + (1 if rest else 0)


@bank.right(batches.updates_per_epoch)
def counts_down(n_points, batch_size):
    updates = 0
    while n_points > 0:
        n_points -= batch_size
        updates += 1
    return updates


for mistake, attempt in {
    "rounds_down": lambda N, n: int(N / n),
    "always_one_more": lambda N, n: math.floor(N / n) + 1,
    "rounds_to_nearest": lambda N, n: int(N / n + 0.499999),
    "keeps_the_fraction": lambda N, n: N / n,
    "upside_down": lambda N, n: -(-n // N),
}.items():
    bank.wrong(batches.updates_per_epoch, attempt, mistake=mistake, label=mistake)

bank.wrong(batches.updates_per_epoch, lambda N, n: n, label="the-batch-size")
bank.wrong(batches.updates_per_epoch, lambda N, n: N, label="one-for-each-point")
bank.wrong(batches.updates_per_epoch, lambda N, n: N - n, label="a-difference")
bank.wrong(batches.updates_per_epoch, lambda N, n: list(range(0, N, n)), finding="shape", label="the-starts")
bank.wrong(batches.updates_per_epoch, lambda N, n: print(N // n), finding="none", says="Printing", label="prints")
bank.wrong(batches.updates_per_epoch, lambda N: N, finding="arguments", says="takes 2 arguments", label="one-argument")

# Batches -----------------------------------------------------------------------------------------------------------


@bank.right(batches.minibatches)
def list_of_pairs(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    return [(x[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in range(0, len(x), batch_size)]


@bank.right(batches.minibatches)
def shuffles_an_index_in_place(x, y, batch_size, rng):
    index = np.arange(len(x))
    rng.shuffle(index)
    while len(index):
        yield x[index[:batch_size]], y[index[:batch_size]]
        index = index[batch_size:]


@bank.right(batches.minibatches)
def sorts_random_numbers(x, y, batch_size, rng):
    order = rng.random(len(x)).argsort()
    return ((x[part], y[part]) for part in np.split(order, range(batch_size, len(x), batch_size)))


@bank.right(batches.minibatches)
def shuffles_rows_together(x, y, batch_size, rng):
    rows = rng.permutation(np.hstack([x, y]))
    for i in range(-(-len(rows) // batch_size)):
        part = rows[i * batch_size : (i + 1) * batch_size]
        yield [part[:, :1], part[:, 1:]]


@bank.right(batches.minibatches)
def draws_from_what_is_left(x, y, batch_size, rng):
    left = list(range(len(x)))
    while left:
        chosen = rng.choice(left, size=min(batch_size, len(left)), replace=False)
        left = [i for i in left if i not in chosen]
        yield x[chosen], y[chosen]


@bank.right(batches.minibatches)
def lists_of_rows(x, y, batch_size, rng):
    points = [(float(a), float(b)) for a, b in zip(x[:, 0], y[:, 0], strict=True)]
    order = rng.permutation(len(points)).tolist()
    for _, group in itertools.groupby(enumerate(order), lambda pair: pair[0] // batch_size):
        chosen = [points[i] for _, i in group]
        yield [[a] for a, _ in chosen], [[b] for _, b in chosen]


@bank.right(batches.minibatches)
def in_single_precision(x, y, batch_size, rng):
    return map(lambda pair: [column.astype(np.float32) for column in pair], list_of_pairs(x, y, batch_size, rng))


@bank.right(batches.minibatches)
def marks_points_of_a_batch(x, y, batch_size, rng):
    label = rng.permutation(np.arange(len(x)) // batch_size)
    for k in range(label.max() + 1):
        yield x[label == k], y[label == k]


@bank.wrong(batches.minibatches, mistake="drops_the_short_batch")
def whole_batches_only(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    return [(x[part], y[part]) for part in order[: len(x) // batch_size * batch_size].reshape(-1, batch_size)]


@bank.wrong(batches.minibatches, mistake="stops_one_batch_early")
def range_ends_early(x, y, batch_size, rng):
    index = np.arange(len(x))
    rng.shuffle(index)
    i = 0
    while i + batch_size < len(x):
        yield x[index[i : i + batch_size]], y[index[i : i + batch_size]]
        i += batch_size


@bank.wrong(batches.minibatches, mistake="ends_with_an_empty_batch")
def one_round_too_many(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(len(x) // batch_size + 1):
        part = order[i * batch_size : (i + 1) * batch_size]
        yield x[part], y[part]


@bank.wrong(batches.minibatches, mistake="keeps_the_order")
def forgets_to_shuffle(x, y, batch_size, rng):
    return [(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(x), batch_size)]


@bank.wrong(batches.minibatches, mistake="tears_points_apart")
def two_orders(x, y, batch_size, rng):
    one, other = rng.permutation(len(x)), rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[one[i : i + batch_size]], y[other[i : i + batch_size]]


@bank.wrong(batches.minibatches, mistake="reseeds_inside")
def own_generator(x, y, batch_size, rng):
    return list_of_pairs(x, y, batch_size, np.random.default_rng(42))


@bank.wrong(batches.minibatches, mistake="ignores_rng")
def global_generator(x, y, batch_size, rng):
    order = np.random.permutation(len(x))  # noqa: NPY002 -- the mistake is to use the global generator
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@bank.wrong(batches.minibatches, mistake="draws_from_a_copy")
def copies_the_generator(x, y, batch_size, rng):
    return shuffles_an_index_in_place(x, y, batch_size, deepcopy(rng))


@bank.wrong(batches.minibatches, mistake="draws_each_batch_anew")
def samples_each_batch(x, y, batch_size, rng):
    sizes = [batch_size] * (len(x) // batch_size) + ([len(x) % batch_size] if len(x) % batch_size else [])
    for size in sizes:
        chosen = rng.permutation(len(x))[:size]
        yield x[chosen], y[chosen]


@bank.wrong(batches.minibatches, mistake="draws_full_batches_anew")
def samples_full_batches(x, y, batch_size, rng):
    for _ in range(math.ceil(len(x) / batch_size)):
        chosen = rng.choice(len(x), batch_size)
        yield x[chosen], y[chosen]


@bank.wrong(batches.minibatches, mistake="fills_the_last_batch")
def always_full(x, y, batch_size, rng):
    order = rng.permutation(len(x)).tolist()
    for i in range(0, len(x), batch_size):
        chosen = (order + order)[i : i + batch_size]
        yield x[chosen], y[chosen]


@bank.wrong(batches.minibatches, mistake="takes_size_for_number")
def splits_into_parts(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    return zip(np.array_split(x[order], batch_size), np.array_split(y[order], batch_size), strict=True)


@bank.wrong(batches.minibatches, mistake="evens_the_batches_out")
def splits_evenly(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    return [(x[part], y[part]) for part in np.array_split(order, -(-len(x) // batch_size))]


@bank.wrong(batches.minibatches, mistake="moves_by_one")
def forgets_the_step(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    return [(x[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in range(0, len(x))]


@bank.wrong(batches.minibatches, mistake="slices_to_the_size", says="start + batch_size")
def ends_each_slice_at_the_size(x, y, batch_size, rng):
    rows = rng.permutation(np.hstack([x, y]))
    x, y = rows[:, :1], rows[:, 1:]
    return [(x[i:batch_size], y[i:batch_size]) for i in range(0, len(x), batch_size)]


@bank.wrong(batches.minibatches, mistake="gives_one_batch")
def list_with_one_batch(x, y, batch_size, rng):
    return list_of_pairs(x, y, batch_size, rng)[:1]


@bank.wrong(batches.minibatches, finding="kind", says="yield")
def returns_in_the_loop(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        return x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@bank.wrong(batches.minibatches, finding="kind", says="Keep the column")
def flat_batches(x, y, batch_size, rng):
    for a, b in list_of_pairs(x, y, batch_size, rng):
        yield a.ravel(), b.ravel()


@bank.wrong(batches.minibatches, finding="kind", says="pair (x_batch, y_batch)")
def gives_places(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    return [order[i : i + batch_size] for i in range(0, len(x), batch_size)]


@bank.wrong(batches.minibatches, finding="kind", says="each x belongs to one y")
def takes_all_y(x, y, batch_size, rng):
    return [(x_batch, y) for x_batch, _ in list_of_pairs(x, y, batch_size, rng)]


@bank.wrong(batches.minibatches, finding="kind", says="for loop")
def gives_a_number(x, y, batch_size, rng):
    return len(x) // batch_size


@bank.wrong(batches.minibatches, finding="kind", says="more than")
def never_ends(x, y, batch_size, rng):
    while True:
        yield from list_of_pairs(x, y, batch_size, rng)


@bank.wrong(batches.minibatches, finding="changed arguments", says="x and y")
def shuffles_its_arguments(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    x[:], y[:] = x[order].copy(), y[order].copy()
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size].copy(), y[i : i + batch_size].copy()


@bank.wrong(batches.minibatches, finding="not attempted")
def stub(x, y, batch_size, rng):
    """Batches."""
    raise NotImplementedError()


@bank.wrong(batches.minibatches, finding="none")
def forgets_to_give(x, y, batch_size, rng):
    pairs = list_of_pairs(x, y, batch_size, rng)  # noqa: F841


# An epoch ----------------------------------------------------------------------------------------------------------


def _slopes(x, y, b, w):
    error = b + w * x - y
    return 2 * np.mean(error), 2 * np.mean(error * x)


@bank.right(batches.sgd_epoch)
def collects_first(pairs, b, w, lr):
    pairs = list(pairs)
    for i in range(len(pairs)):
        b_grad, w_grad = _slopes(*pairs[i], b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w


@bank.right(batches.sgd_epoch)
def reduces(batches, b, w, lr):
    step = lambda place, batch: np.subtract(place, np.multiply(lr, _slopes(*batch, *place)))
    return functools.reduce(step, batches, np.array([b, w]))


@bank.right(batches.sgd_epoch)
def in_matrix_form(batches, b, w, lr):
    params = np.array([[b], [w]])
    for x, y in batches:
        design = np.hstack([np.ones_like(x), x])
        params = params - 2 * lr / len(x) * design.T @ (design @ params - y)
    return params[0], params[1]


@bank.right(batches.sgd_epoch)
def point_by_point(batches, b, w, lr):
    for x, y in batches:
        b_sum = w_sum = 0.0
        for xi, yi in zip(x[:, 0], y[:, 0], strict=True):
            error = b + w * float(xi) - float(yi)
            b_sum += 2 * error
            w_sum += 2 * error * float(xi)
        b -= lr * b_sum / len(x)
        w -= lr * w_sum / len(x)
    return [b, w]


@bank.right(batches.sgd_epoch)
def in_place_with_einsum(batches, b, w, lr):
    params = np.array([b, w], dtype=np.float64)
    for x, y in iter(batches):
        error = (params[0] + params[1] * x - y)[:, 0]
        params -= 2 * lr * np.array([error.mean(), np.einsum("i,i->", error, x[:, 0]) / error.size])
    return tuple(params)


@bank.right(batches.sgd_epoch)
def asks_for_the_next(batches, b, w, lr):
    batches = iter(batches)
    while (batch := next(batches, None)) is not None:
        b_grad, w_grad = _slopes(*batch, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w


def _steps(batches, b, w, lr, slopes=_slopes):
    for batch in batches:
        b_grad, w_grad = slopes(*batch, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w


@bank.wrong(batches.sgd_epoch, mistake="updates_once")
def averages_the_gradients(batches, b, w, lr):
    found = [_slopes(x, y, b, w) for x, y in batches]
    b_grads, w_grads = zip(*found, strict=True)
    return b - lr * sum(b_grads) / len(found), w - lr * sum(w_grads) / len(found)


@bank.wrong(batches.sgd_epoch, mistake="computes_at_the_start")
def stale_parameters(batches, b, w, lr):
    b_start, w_start = b, w
    for x, y in batches:
        b_grad, w_grad = _slopes(x, y, b_start, w_start)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w


@bank.wrong(batches.sgd_epoch, mistake="returns_in_the_loop")
def returns_too_early(batches, b, w, lr):
    for x, y in batches:
        b_grad, w_grad = _slopes(x, y, b, w)
        return b - lr * b_grad, w - lr * w_grad


@bank.wrong(batches.sgd_epoch, mistake="restarts_for_each_batch")
def assigns_to_other_names(batches, b, w, lr):
    for x, y in batches:
        b_grad, w_grad = _slopes(x, y, b, w)
        b_new, w_new = b - lr * b_grad, w - lr * w_grad
    return b_new, w_new


@bank.wrong(batches.sgd_epoch, mistake="uses_the_whole_set")
def all_points_each_time(batches, b, w, lr):
    batches = list(batches)
    x, y = np.vstack([x for x, _ in batches]), np.vstack([y for _, y in batches])
    return _steps([(x, y)] * len(batches), b, w, lr)


@bank.wrong(batches.sgd_epoch, mistake="means_over_all")
def divides_by_all(batches, b, w, lr):
    batches = list(batches)
    total = sum(len(x) for x, _ in batches)
    sums = lambda x, y, b, w: (2 * (b + w * x - y).sum() / total, 2 * (x * (b + w * x - y)).sum() / total)
    return _steps(batches, b, w, lr, sums)


@bank.wrong(batches.sgd_epoch, mistake="means_over_the_first_size")
def divides_by_the_first_size(batches, b, w, lr):
    batches = list(batches)
    n = len(batches[0][0])
    sums = lambda x, y, b, w: (2 * (b + w * x - y).sum() / n, 2 * (x * (b + w * x - y)).sum() / n)
    return _steps(batches, b, w, lr, sums)


@bank.wrong(batches.sgd_epoch, mistake="sums_over_the_batch")
def adds_up(batches, b, w, lr):
    return _steps(batches, b, w, lr, lambda x, y, b, w: (2 * (b + w * x - y).sum(), 2 * (x * (b + w * x - y)).sum()))


@bank.wrong(batches.sgd_epoch, mistake="walks_uphill")
def adds_the_gradient(batches, b, w, lr):
    for x, y in batches:
        b_grad, w_grad = _slopes(x, y, b, w)
        b, w = b + lr * b_grad, w + lr * w_grad
    return b, w


@bank.wrong(batches.sgd_epoch, mistake="no_factor_two")
def without_the_two(batches, b, w, lr):
    return _steps(batches, b, w, lr, lambda x, y, b, w: ((b + w * x - y).mean(), (x * (b + w * x - y)).mean()))


@bank.wrong(batches.sgd_epoch, mistake="updates_in_turn")
def b_first(batches, b, w, lr):
    for x, y in batches:
        b -= lr * _slopes(x, y, b, w)[0]
        w -= lr * _slopes(x, y, b, w)[1]
    return b, w


@bank.wrong(batches.sgd_epoch, mistake="drops_the_update")
def computes_for_nothing(batches, b, w, lr):
    for x, y in batches:
        _slopes(x, y, b, w)
    return b, w


@bank.wrong(batches.sgd_epoch, finding="raised", says=("TypeError", "len"))
def asks_a_generator_for_its_length(batches, b, w, lr):
    return _steps([batches[i] for i in range(len(batches))], b, w, lr)


@bank.wrong(batches.sgd_epoch, mistake="drops_the_update", says="is empty")
def walks_twice(batches, b, w, lr):
    print(sum(len(x) for x, _ in batches))
    return _steps(batches, b, w, lr)


@bank.wrong(batches.sgd_epoch)
def longer_steps(batches, b, w, lr):
    return _steps(batches, b, w, 1.5 * lr)


@bank.wrong(batches.sgd_epoch, finding="kind", says="2 values (b, w)")
def returns_losses_too(batches, b, w, lr):
    return *_steps(batches, b, w, lr), []


# Training ----------------------------------------------------------------------------------------------------------


def _loss(x, y, b, w):
    return float(np.mean((b + w * x - y) ** 2))


@bank.right(batches.train_minibatch)
def two_loops(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    for _ in range(n_epochs):
        losses.append(_loss(x, y, b, w))
        order = rng.permutation(len(x))
        for i in range(0, len(x), batch_size):
            part = order[i : i + batch_size]
            error = b + w * x[part] - y[part]
            b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x[part] * error).mean()
    return b, w, losses


@bank.right(batches.train_minibatch)
def shuffles_the_shuffled(x, y, b, w, lr, n_epochs, batch_size, rng):
    rows, losses = np.hstack([x, y]), []
    while len(losses) < n_epochs:
        losses += [_loss(x, y, b, w)]
        rng.shuffle(rows)
        b, w = _steps(
            ((part[:, :1], part[:, 1:]) for part in np.split(rows, range(batch_size, len(x), batch_size))), b, w, lr
        )
    return [b, w, losses]


@bank.right(batches.train_minibatch)
def orders_drawn_beforehand(x, y, b, w, lr, n_epochs, batch_size, rng):
    orders = rng.random((len(x), n_epochs)).argsort(axis=0).T
    losses = np.zeros(n_epochs)
    for epoch, order in enumerate(orders):
        losses[epoch] = _loss(x, y, b, w)
        parts = np.split(order, range(batch_size, len(x), batch_size))
        b, w = _steps([(x[part], y[part]) for part in parts], b, w, lr)
    return b, w, losses


@bank.right(batches.train_minibatch)
def draws_what_is_left(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    for _ in range(n_epochs):
        losses.append(_loss(x, y, b, w))
        b, w = _steps(draws_from_what_is_left(x, y, batch_size, rng), b, w, lr)
    return b, w, losses


@bank.right(batches.train_minibatch)
def list_of_batches_and_arrays(x, y, b, w, lr, n_epochs, batch_size, rng):
    place, losses = np.array([[b], [w]]), []
    for _ in range(n_epochs):
        losses.append(((place[0] + place[1] * x - y) ** 2).mean(axis=0))
        place = np.array(in_matrix_form(list_of_pairs(x, y, batch_size, rng), *place[:, 0], lr))
    return place[0], place[1], losses


@bank.right(batches.train_minibatch)
def trains_in_single_precision(x, y, b, w, lr, n_epochs, batch_size, rng):
    x, y, b, w, lr = (np.asarray(value, dtype=np.float32) for value in (x, y, b, w, lr))
    return two_loops(x, y, b, w, lr, n_epochs, batch_size, rng)


@bank.right(batches.train_minibatch)
def recursive(x, y, b, w, lr, n_epochs, batch_size, rng):
    if n_epochs == 0:
        return b, w, []
    place = _steps(shuffles_an_index_in_place(x, y, batch_size, rng), b, w, lr)
    b_end, w_end, losses = recursive(x, y, *place, lr, n_epochs - 1, batch_size, rng)
    return b_end, w_end, [_loss(x, y, b, w), *losses]


@bank.right(batches.train_minibatch)
def no_shuffle_for_a_full_batch(x, y, b, w, lr, n_epochs, batch_size, rng):
    if batch_size < len(x):
        return two_loops(x, y, b, w, lr, n_epochs, batch_size, rng)
    losses = []
    for _ in range(n_epochs):
        losses.append(_loss(x, y, b, w))
        b, w = _steps([(x, y)], b, w, lr)
    return b, w, losses


def _train(x, y, b, w, n_epochs, epoch):
    losses = []
    for _ in range(n_epochs):
        losses.append(_loss(x, y, b, w))
        b, w = epoch(b, w)
    return b, w, losses


def _parts(order, batch_size):
    return np.split(order, range(batch_size, len(order), batch_size))


@bank.wrong(batches.train_minibatch, mistake="trains_without_the_short_batch")
def floor_for_ceil(x, y, b, w, lr, n_epochs, batch_size, rng):
    def epoch(b, w):
        order = rng.permutation(len(x))
        parts = [order[k * batch_size : (k + 1) * batch_size] for k in range(len(x) // batch_size)]
        return _steps([(x[part], y[part]) for part in parts], b, w, lr)

    return _train(x, y, b, w, n_epochs, epoch)


@bank.wrong(batches.train_minibatch, mistake="same_order_each_epoch")
def one_order_for_all_epochs(x, y, b, w, lr, n_epochs, batch_size, rng):
    index = np.arange(len(x))
    rng.shuffle(index)
    x_new, y_new = x[index], y[index]
    epoch = lambda b, w: _steps(_in_order(x_new, y_new, batch_size), b, w, lr)
    b, w, losses = _train(x, y, b, w, n_epochs, epoch)
    return b, w, losses


@bank.wrong(batches.train_minibatch, mistake="walks_an_empty_generator")
def one_generator_for_all_epochs(x, y, b, w, lr, n_epochs, batch_size, rng):
    pairs = shuffles_an_index_in_place(x, y, batch_size, rng)
    return _train(x, y, b, w, n_epochs, lambda b, w: _steps(pairs, b, w, lr))


@bank.wrong(batches.train_minibatch, mistake="trains_in_the_given_order")
def no_shuffle(x, y, b, w, lr, n_epochs, batch_size, rng):
    parts = [(x[part], y[part]) for part in _parts(np.arange(len(x)), batch_size)]
    return _train(x, y, b, w, n_epochs, lambda b, w: _steps(parts, b, w, lr))


@bank.wrong(batches.train_minibatch, mistake="reseeds_each_epoch")
def seed_in_the_loop(x, y, b, w, lr, n_epochs, batch_size, rng):
    def epoch(b, w):
        rng = np.random.default_rng(42)
        return _steps(list_of_pairs(x, y, batch_size, rng), b, w, lr)

    return _train(x, y, b, w, n_epochs, epoch)


@bank.wrong(batches.train_minibatch, mistake="seeds_inside")
def seed_before_the_loop(x, y, b, w, lr, n_epochs, batch_size, rng):
    return two_loops(x, y, b, w, lr, n_epochs, batch_size, np.random.default_rng(42))


@bank.wrong(batches.train_minibatch, mistake="trains_without_rng")
def global_orders(x, y, b, w, lr, n_epochs, batch_size, rng):
    return two_loops(x, y, b, w, lr, n_epochs, batch_size, np.random)


@bank.wrong(batches.train_minibatch, mistake="trains_on_fresh_draws")
def draws_with_replacement(x, y, b, w, lr, n_epochs, batch_size, rng):
    epoch = lambda b, w: _steps(samples_full_batches(x, y, batch_size, rng), b, w, lr)
    return _train(x, y, b, w, n_epochs, epoch)


@bank.wrong(batches.train_minibatch, mistake="uses_points_twice")
def full_last_batch(x, y, b, w, lr, n_epochs, batch_size, rng):
    return _train(x, y, b, w, n_epochs, lambda b, w: _steps(always_full(x, y, batch_size, rng), b, w, lr))


@bank.wrong(batches.train_minibatch, mistake="uses_points_twice")
def a_permutation_for_each_batch(x, y, b, w, lr, n_epochs, batch_size, rng):
    return _train(x, y, b, w, n_epochs, lambda b, w: _steps(samples_each_batch(x, y, batch_size, rng), b, w, lr))


@bank.wrong(batches.train_minibatch, mistake="trains_on_the_whole_set")
def whole_set_in_the_batch_loop(x, y, b, w, lr, n_epochs, batch_size, rng):
    def epoch(b, w):
        for _ in list_of_pairs(x, y, batch_size, rng):
            b_grad, w_grad = _slopes(x, y, b, w)
            b, w = b - lr * b_grad, w - lr * w_grad
        return b, w

    return _train(x, y, b, w, n_epochs, epoch)


@bank.wrong(batches.train_minibatch, mistake="trains_with_means_over_all")
def divides_by_len_x(x, y, b, w, lr, n_epochs, batch_size, rng):
    total = len(x)
    sums = lambda x, y, b, w: (2 * (b + w * x - y).sum() / total, 2 * (x * (b + w * x - y)).sum() / total)
    epoch = lambda b, w: _steps(list_of_pairs(x, y, batch_size, rng), b, w, lr, sums)
    return _train(x, y, b, w, n_epochs, epoch)


@bank.wrong(batches.train_minibatch, mistake="trains_with_means_over_batch_size")
def divides_by_batch_size(x, y, b, w, lr, n_epochs, batch_size, rng):
    sums = lambda x, y, b, w: (2 * (b + w * x - y).sum() / batch_size, 2 * (x * (b + w * x - y)).sum() / batch_size)
    epoch = lambda b, w: _steps(list_of_pairs(x, y, batch_size, rng), b, w, lr, sums)
    return _train(x, y, b, w, n_epochs, epoch)


@bank.wrong(batches.train_minibatch, mistake="trains_with_sums")
def adds_up_in_batches(x, y, b, w, lr, n_epochs, batch_size, rng):
    return _train(x, y, b, w, n_epochs, lambda b, w: adds_up(list_of_pairs(x, y, batch_size, rng), b, w, lr))


@bank.wrong(batches.train_minibatch, mistake="one_update_an_epoch")
def updates_after_the_batches(x, y, b, w, lr, n_epochs, batch_size, rng):
    def epoch(b, w):
        for x_batch, y_batch in list_of_pairs(x, y, batch_size, rng):
            b_grad, w_grad = _slopes(x_batch, y_batch, b, w)
        return b - lr * b_grad, w - lr * w_grad

    return _train(x, y, b, w, n_epochs, epoch)


@bank.wrong(batches.train_minibatch, mistake="trains_on_torn_points")
def two_orders_an_epoch(x, y, b, w, lr, n_epochs, batch_size, rng):
    return _train(x, y, b, w, n_epochs, lambda b, w: _steps(two_orders(x, y, batch_size, rng), b, w, lr))


@bank.wrong(batches.train_minibatch, mistake="records_after_the_epoch")
def loss_after_the_epoch(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    for _ in range(n_epochs):
        b, w = _steps(list_of_pairs(x, y, batch_size, rng), b, w, lr)
        losses.append(_loss(x, y, b, w))
    return b, w, losses


def _recording(x, y, b, w, lr, n_epochs, batch_size, rng, record):
    losses = []
    for _ in range(n_epochs):
        seen = []
        for batch in list_of_pairs(x, y, batch_size, rng):
            seen.append((_loss(*batch, b, w), _loss(x, y, b, w)))
            b, w = _steps([batch], b, w, lr)
        losses += record(seen)
    return b, w, losses


for mistake, record in {
    "records_each_update": lambda seen: [of_all for _, of_all in seen],
    "records_the_last_batch": lambda seen: [seen[-1][0]],
    "records_the_first_batch": lambda seen: [seen[0][0]],
    "records_the_mean_of_batches": lambda seen: [np.mean([of_batch for of_batch, _ in seen])],
}.items():
    bank.wrong(
        batches.train_minibatch,
        # A function of its own, for the check looks at the number of parameters.
        lambda x, y, b, w, lr, n_epochs, batch_size, rng, record=record: _recording(
            x, y, b, w, lr, n_epochs, batch_size, rng, record
        ),
        mistake=mistake,
        label=mistake,
    )


@bank.wrong(batches.train_minibatch, mistake="restarts_each_epoch")
def forgets_where_it_was(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    for _ in range(n_epochs):
        b_end, w_end, loss = two_loops(x, y, b, w, lr, 1, batch_size, rng)
        losses += loss
    return b_end, w_end, losses


@bank.wrong(batches.train_minibatch, finding="kind", says="3 values (b, w, losses) but returns 2")
def forgets_the_losses(x, y, b, w, lr, n_epochs, batch_size, rng):
    return two_loops(x, y, b, w, lr, n_epochs, batch_size, rng)[:2]


@bank.wrong(batches.train_minibatch, finding="kind", says="returns an object of type float")
def only_a_number(x, y, b, w, lr, n_epochs, batch_size, rng):
    return two_loops(x, y, b, w, lr, n_epochs, batch_size, rng)[0]


@bank.wrong(batches.train_minibatch, finding="none")
def trains_for_nobody(x, y, b, w, lr, n_epochs, batch_size, rng):
    two_loops(x, y, b, w, lr, n_epochs, batch_size, rng)


@bank.wrong(batches.train_minibatch, finding="shape", says="should have 2 items but has 3")
def one_epoch_more(x, y, b, w, lr, n_epochs, batch_size, rng):
    b, w, losses = two_loops(x, y, b, w, lr, n_epochs, batch_size, rng)
    return b, w, [*losses, _loss(x, y, b, w)]


@bank.wrong(batches.train_minibatch, finding="changed arguments", says=("x and y", "in place"))
def shuffles_the_data_itself(x, y, b, w, lr, n_epochs, batch_size, rng):
    rows = rng.permutation(np.hstack([x, y]))
    x[:], y[:] = rows[:, :1], rows[:, 1:]
    return two_loops(x, y, b, w, lr, n_epochs, batch_size, rng)


@bank.wrong(batches.train_minibatch)
def halves_the_rate(x, y, b, w, lr, n_epochs, batch_size, rng):
    return two_loops(x, y, b, w, 0.7 * lr, n_epochs, batch_size, rng)


# The largest stable learning rate ----------------------------------------------------------------------------------


@bank.right(batches.largest_stable_lr)
def by_design_matrix(x):
    design = np.hstack([np.ones_like(x), x])
    return len(x) / np.linalg.eigvalsh(design.T @ design)[-1], 1 / (1 + x**2).max()


@bank.right(batches.largest_stable_lr)
def by_formula(x):
    x = x.ravel().tolist()
    m, s = sum(x) / len(x), sum(value * value for value in x) / len(x)
    largest = (1 + s) + math.sqrt((1 - s) ** 2 + 4 * m * m)
    return [2 / largest, min(1 / (1 + value * value) for value in x)]


@bank.right(batches.largest_stable_lr)
def by_singular_values(x):
    design = np.column_stack([np.ones(len(x)), x])
    steepest = np.linalg.svd(design, compute_uv=False)[0] ** 2 / len(x)
    return 1 / steepest, 1 / (1 + np.max(np.abs(x)) ** 2)


@bank.right(batches.largest_stable_lr)
def each_point_as_a_batch(x):
    def limit(x):
        hessian = np.array([[2, 2 * np.mean(x)], [2 * np.mean(x), 2 * np.mean(x**2)]])
        return 2 / np.linalg.norm(hessian, ord=2)

    return limit(x), min(limit(x[i : i + 1]) for i in range(len(x)))


@bank.right(batches.largest_stable_lr)
def by_power_iteration(x):
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]], dtype=float)
    direction = np.array([0.6, 0.8])
    for _ in range(2000):
        direction = hessian @ direction
        direction /= np.linalg.norm(direction)
    return np.array([2 / (direction @ hessian @ direction), 2 / max(2 * (x**2 + 1))[0]])


@bank.right(batches.largest_stable_lr)
def by_eig_in_any_order(x):
    values = np.linalg.eig(2 * np.array([[1.0, np.mean(x)], [np.mean(x), np.mean(x * x)]]))[0]
    return 2 / max(abs(values)), (2 / (2 + 2 * x**2)).min()


def _eigenvalues(x):
    x = x.astype(float)
    return np.linalg.eigvalsh(np.array([[2, 2 * np.mean(x)], [2 * np.mean(x), 2 * np.mean(x**2)]]))


def _highest(x):
    return 2 * (1 + np.max(np.abs(x)) ** 2)


for mistake, attempt in {
    "takes_one_over": lambda x: (1 / _eigenvalues(x)[-1], 1 / _highest(x)),
    "averages_the_eigenvalues": lambda x: (2 / np.mean(_eigenvalues(x)), 2 / _highest(x)),
    "averages_the_points": lambda x: (2 / _eigenvalues(x)[-1], 1 / np.mean(x**2 + 1)),
    "averages_both": lambda x: (4 / _eigenvalues(x).sum(), 2 / (2 * (x**2 + 1)).mean()),
    "takes_the_flattest_direction": lambda x: (2 / min(_eigenvalues(x)), 2 / _highest(x)),
    "keeps_both_eigenvalues": lambda x: (2 / _eigenvalues(x), 2 / _highest(x)),
    "squares_the_mean": lambda x: (
        2 / np.linalg.eigvalsh(2 * np.array([[1, x.mean()], [x.mean(), x.mean() ** 2]]))[-1],
        2 / _highest(x),
    ),
    "adds_the_eigenvalues": lambda x: (1 / (1 + np.mean(x**2)), 2 / _highest(x)),
    "reads_the_diagonal": lambda x: (min(1, 1 / np.mean(x**2)), 2 / _highest(x)),
    "sums_the_hessian": lambda x: (2 / _eigenvalues(x)[-1] / len(x), 2 / _highest(x)),
    "forgets_the_two": lambda x: (4 / _eigenvalues(x)[-1], 4 / _highest(x)),
    "leaves_out_b": lambda x: (1 / np.mean(x**2), 1 / np.max(x**2)),
    "overlooks_negative_x": lambda x: (2 / _eigenvalues(x)[-1], 1 / (1 + np.max(x) ** 2)),
    "takes_the_flattest_point": lambda x: (2 / _eigenvalues(x)[-1], np.max(1 / (1 + x**2))),
    "returns_the_curvatures": lambda x: (_eigenvalues(x)[-1], _highest(x)),
    "exchanges_the_two": lambda x: (2 / _highest(x), 2 / _eigenvalues(x)[-1]),
}.items():
    bank.wrong(batches.largest_stable_lr, attempt, mistake=mistake, label=mistake)


@bank.wrong(batches.largest_stable_lr, finding="shape", says="lr_point")
def one_limit_for_each_point(x):
    return 2 / _eigenvalues(x)[-1], 1 / (1 + x**2)


@bank.wrong(batches.largest_stable_lr, finding="kind", says="2 values (lr_batch, lr_point)")
def only_the_batch(x):
    return 2 / _eigenvalues(x)[-1]


@bank.wrong(batches.largest_stable_lr, finding="raised", says="NameError")
def misses_an_import(x):
    return 2 / eigvalsh(x)  # noqa: F821


bank.wrong(batches.largest_stable_lr, (0.12, 0.038), finding="not callable", label="the-two-numbers")

# Find the bug ------------------------------------------------------------------------------------------------------


@bank.right(batches.shuffled_epoch)
def one_order_for_both(x, y, b, w, lr, batch_size, rng):
    order = rng.permutation(len(x))
    return _steps([(x[order][part], y[order][part]) for part in _parts(np.arange(len(x)), batch_size)], b, w, lr)


@bank.right(batches.shuffled_epoch)
def calls_sgd_epoch(x, y, b, w, lr, batch_size, rng):
    return _steps(list_of_pairs(x, y, batch_size, rng), b, w, lr)


@bank.right(batches.shuffled_epoch)
def shuffles_rows(x, y, b, w, lr, batch_size, rng):
    x, y = np.hsplit(rng.permutation(np.hstack([x, y]), axis=0), 2)
    return in_matrix_form(_in_order(x, y, batch_size), b, w, lr)


@bank.right(batches.shuffled_epoch)
def same_state_twice(x, y, b, w, lr, batch_size, rng):
    x, y = deepcopy(rng).permutation(x), rng.permutation(y)
    return _steps(_in_order(x, y, batch_size), b, w, lr)


@bank.right(batches.shuffled_epoch)
def a_list_of_pairs(x, y, b, w, lr, batch_size, rng):
    pairs = list(zip(x[:, 0], y[:, 0], strict=True))
    rng.shuffle(pairs)
    while len(pairs):
        x_batch, y_batch = np.array(pairs[:batch_size]).T
        b, w = _steps([(x_batch, y_batch)], b, w, lr)
        pairs = pairs[batch_size:]
    return [b, w]


@bank.wrong(batches.shuffled_epoch, mistake="still_torn")
def draws_two_orders(x, y, b, w, lr, batch_size, rng):
    return _steps(two_orders(x, y, batch_size, rng), b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="still_torn")
def shuffles_only_y(x, y, b, w, lr, batch_size, rng):
    return _steps(_in_order(x, rng.permutation(y), batch_size), b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="shuffles_only_x")
def y_left_alone(x, y, b, w, lr, batch_size, rng):
    order = rng.permutation(len(x))
    return _steps(_in_order(x[order], y, batch_size), b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="shuffles_nothing")
def no_shuffle_at_all(x, y, b, w, lr, batch_size, rng):
    return _steps([(x[part], y[part]) for part in _parts(np.arange(len(x)), batch_size)], b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="seeds_both_alike")
def two_generators_with_one_seed(x, y, b, w, lr, batch_size, rng):
    x, y = np.random.default_rng(1).permutation(x), np.random.default_rng(1).permutation(y)
    return _steps(_in_order(x, y, batch_size), b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="shuffles_without_rng")
def global_order(x, y, b, w, lr, batch_size, rng):
    order = np.random.permutation(len(x))  # noqa: NPY002 -- the mistake is to use the global generator
    return _steps(_in_order(x[order], y[order], batch_size), b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="loses_the_short_batch")
def whole_batches(x, y, b, w, lr, batch_size, rng):
    return _steps(whole_batches_only(x, y, batch_size, rng), b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="loses_the_batches")
def all_points_in_each_round(x, y, b, w, lr, batch_size, rng):
    order = rng.permutation(len(x))
    return _steps([(x[order], y[order])] * -(-len(x) // batch_size), b, w, lr)


@bank.wrong(batches.shuffled_epoch, mistake="shuffles_for_each_batch")
def an_order_for_each_batch(x, y, b, w, lr, batch_size, rng):
    return _steps(samples_each_batch(x, y, batch_size, rng), b, w, lr)


@bank.wrong(batches.shuffled_epoch, finding="kind", says="2 values (b, w) but returns 3")
def gives_losses(x, y, b, w, lr, batch_size, rng):
    return *calls_sgd_epoch(x, y, b, w, lr, batch_size, rng), []


@bank.wrong(batches.shuffled_epoch, finding="changed arguments")
def sorts_in_place(x, y, b, w, lr, batch_size, rng):
    order = rng.permutation(len(x))
    x[:], y[:] = x[order].copy(), y[order].copy()
    return _steps(_in_order(x, y, batch_size), b, w, lr)


# Quiz --------------------------------------------------------------------------------------------------------------

bank.right(batches.counting_updates, {"a", "c"}, label="a-set")
for letter in "bd":
    bank.wrong(batches.counting_updates, {"a", "c", letter}, mistake=f"chose_{letter}", label=letter)
bank.wrong(batches.counting_updates, {"a"}, mistake="missed_c", says="960 points", label="one-missing")
bank.right(batches.cost_and_noise, "a, b, c", label="text")
bank.wrong(batches.cost_and_noise, {"a", "b", "c", "d"}, mistake="chose_d", label="all")
bank.wrong(batches.cost_and_noise, ["a", "b"], mistake="missed_c", says="√n", label="without-the-noise")
bank.right(batches.why_it_blows_up, ["b", "c"], label="a-list")
for letter in "ad":
    bank.wrong(batches.why_it_blows_up, {"b", "c", letter}, mistake=f"chose_{letter}", label=letter)
bank.right(batches.what_calms_it, ("b", "a"), label="a-tuple")
for letter in "cd":
    bank.wrong(batches.what_calms_it, {"a", "b", letter}, mistake=f"chose_{letter}", label=letter)
