# base: blank
# Right, by other ways: torch.nn.functional, torch.autograd.grad, .data, an optimizer, new leaves.

# %% forward
def forward(x, b, w):
    return torch.addcmul(b, w, x)

# %% criterion
def criterion(yhat, y):
    return torch.nn.functional.mse_loss(yhat, y)

# %% autograd_gradients
def autograd_gradients(x, y, b, w):
    return torch.autograd.grad(criterion(forward(x, b, w), y), (b, w))

# %% step
def step(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    for p in (b, w):
        p.data -= lr * p.grad.data
        p.grad.zero_()
    return loss.detach()

# %% train_batch
def train_batch(x, y, b, w, lr, n_epochs):
    b, w = torch.nn.Parameter(torch.tensor(b)), torch.nn.Parameter(torch.tensor(w))
    sgd = torch.optim.SGD([b, w], lr)
    losses = torch.zeros(n_epochs)
    for epoch in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses[epoch] = loss.detach()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return b.detach(), w.detach(), losses

# %% train_stochastic
def train_stochastic(x, y, b, w, lr, n_epochs):
    b, w = (torch.tensor(value, requires_grad=True) for value in (b, w))
    points = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y))
    losses = []
    for _ in range(n_epochs):
        with torch.no_grad():
            losses.append(criterion(forward(x, b, w), y))
        for x_i, y_i in points:
            step(x_i, y_i, b, w, lr)
    return b.item(), w.item(), losses

# %% settle
def settle(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        b.grad, w.grad = None, None
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
    return b.item(), w.item(), losses

# %% improve
def improve(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    b = (b - lr * b.grad).detach().requires_grad_()
    w = (w - lr * w.grad).detach().requires_grad_()
    return b, w

# %% descend
def descend(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for epoch in range(n_epochs):
        losses.append(criterion(forward(x, b, w), y).item())
        b, w = improve(x, y, b, w, lr)
    return b.item(), w.item(), losses

# %% what_is_in_grad
what_is_in_grad = ["d", "b"]

# %% who_gets_a_gradient
who_gets_a_gradient = "a, b"

# %% ways_to_update
ways_to_update = {"A", "E"}

# %% one_at_a_time
one_at_a_time = ("b", "c")
