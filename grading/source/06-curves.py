# %% [markdown] locked="head"
# # 06 · Curves: a fit that looks right
#
# **You will** fit a parabola with PyTorch, see the curve settle along the points, and then find out that its parameters
# are wrong. Then you mend it.
#
# **You will learn**
# - how the five steps look when PyTorch computes the gradients and the model is no line;
# - why a low loss does not mean right parameters, and what *curvature* has to do with it;
# - what standardized features change, and how to get the parameters back on the scale of $x$;
# - `torch.nn.Module` and `torch.optim.SGD`, which do what you wrote, number for number.
#
# **You need** lesson 04 (`requires_grad`, `backward`, `no_grad`) and the limit $2/L$ from lesson 03.
#
# **It takes** about 60 minutes. There are 15 points: 13 for code, 2 for a short quiz.
#
# The checks look at more than numbers: where gradients flow, which tensors change, and what is kept. Stuck? Put
# `curves.step.hint()` (or the name of another exercise) into a new cell.

# %% locked="needs-torch"
# This import comes first: if PyTorch is missing, it says in one line how to install it.
from gdexercises import curves

print("PyTorch is here, version", curves.torch.__version__)

# %% locked="imports"
import torch

from gdexercises.tuning import curves as panels

# %% [markdown]
# ## The data
#
# Fifteen points, $x = 0, 1, \dots, 14$, near the parabola $0.9\,(x - 3)^2 + 1$. The noise is not centred: it is drawn
# evenly between 0 and 3, so it lifts the points by 1.5 on average. Data and start come from a PyTorch tutorial, and the
# seed gives you the very same numbers.

# %% locked="data"
torch.manual_seed(1989)
x = torch.arange(15).float()
y = 3 * torch.rand(15) + 0.9 * (x - 3) ** 2 + 1

print("x:", x.shape, x.dtype)
print("y:", y)

# %% [markdown]
# ## Step 0: initialize
#
# The model has three parameters, $a$, $b$ and $c$. They stand together in one tensor, `params`, so that one line can
# update all of them.

# %% locked="initialize"
start = torch.randn(3)
print("a, b, c =", start)

# %% [markdown]
# ## Step 1: predict
#
# $$\hat{y} = a x^2 + b x + c$$
#
# $\hat{y}$ ("y hat", in code `yhat`) is no line in $x$. Gradient descent does not mind: what counts is that it is
# differentiable in $a$, $b$ and $c$.
#
# ### Exercise: quadratic (1 point)


# %% solution="quadratic"
def quadratic(x, params):
    """Predictions of the parabola a x² + b x + c.

    x: tensor of shape (N,). params: tensor of shape (3,), which holds a, b and c in this order.

    Returns yhat, a tensor of shape (N,).
    """
    ### BEGIN SOLUTION
    a, b, c = params
    return a * x**2 + b * x + c
    ### END SOLUTION


# %% check="quadratic" points=1
curves.quadratic.check(quadratic)

# %% [markdown]
# ## Step 2: loss
#
# You train on the mean squared error, as before:


# %% locked="mse"
def mse(yhat, y):
    return ((yhat - y) ** 2).mean()


# %% [markdown]
# An MSE of 14,508 is hard to picture, because it is in squared units of $y$. Its root is in units of $y$ itself: by how
# much do the predictions miss, typically? This *root mean squared error*, RMSE, is what you print and plot in this
# lesson.
#
# $$\text{RMSE} = \sqrt{\frac{1}{N} \sum_{i=1}^{N} (\hat{y}_i - y_i)^2}$$
#
# ### Exercise: rmse (1 point)


# %% solution="rmse"
def rmse(yhat, y):
    """Root of the mean squared error.

    yhat, y: tensors of shape (N,).

    Returns one number, as a tensor.
    """
    ### BEGIN SOLUTION
    return mse(yhat, y).sqrt()
    ### END SOLUTION


# %% check="rmse" points=1
curves.rmse.check(rmse)

# %%
yhat = quadratic(x, start)
print(f"MSE:  {mse(yhat, y):.1f}")
print(f"RMSE: {rmse(yhat, y):.4f}")

# %% [markdown]
# Which of the two you train on makes a difference. By the chain rule, the gradient of the root is
#
# $$\nabla\, \text{RMSE} = \frac{\nabla\, \text{MSE}}{2 \cdot \text{RMSE}}$$
#
# Both are lowest at the same place, but the steps on the way there are others. At the start, those of the RMSE are 241
# times shorter. The tutorial trains on the MSE and prints the RMSE: you will see its figures come out, and they come
# out of nothing else.

# %% [markdown]
# ## Steps 3 and 4: gradients and update
#
# Now one whole round. Take `params` as a tensor that requires gradients. The round changes it in place:
#
# 1. predict, and compute the MSE;
# 2. `loss.backward()` adds the gradient into `params.grad`;
# 3. update `params` itself, inside `torch.no_grad()`;
# 4. put `params.grad` back to nothing, for the next round.
#
# **Predict before you run:** what happens in the second round if you leave out number 4?
#
# ### Exercise: step (2 points)


# %% solution="step"
def step(x, y, params, lr):
    """One round of gradient descent on the MSE. Changes params in place.

    x, y: tensors of shape (N,). params: tensor of shape (3,) that requires gradients. lr: learning rate.

    Returns the RMSE before the update, as a plain number: .item() makes one of a tensor.
    """
    ### BEGIN SOLUTION
    yhat = quadratic(x, params)
    loss = mse(yhat, y)
    loss.backward()
    with torch.no_grad():
        params -= lr * params.grad
    params.grad = None
    return rmse(yhat, y).item()
    ### END SOLUTION


# %% check="step" points=2
curves.step.check(step)

# %%
params = start.clone().requires_grad_()
print(f"RMSE before: {step(x, y, params, lr=1e-4):.4f}")
print(f"RMSE after:  {rmse(quadratic(x, params), y).item():.4f}")

# %% [markdown]
# ## Step 5: repeat
#
# `start` is the point where every run of this lesson begins, so training must not change it. `start.clone()` is a
# tensor of its own with the same numbers, and `.requires_grad_()` makes PyTorch keep track of it.
#
# ### Exercise: fit (3 points)


# %% solution="fit"
def fit(x, y, start, lr, n_epochs):
    """Gradient descent from start, which stays as it is.

    x, y: tensors of shape (N,). start: tensor of shape (3,), without gradients. lr: learning rate.
    n_epochs: how many updates.

    Returns params (after the last update) and losses, a list: losses[i] is the RMSE before update i.
    """
    ### BEGIN SOLUTION
    params = start.clone().requires_grad_()
    losses = []
    for _ in range(n_epochs):
        losses.append(step(x, y, params, lr))
    return params.detach(), losses
    ### END SOLUTION


# %% check="fit" points=3
curves.fit.check(fit)

# %% [markdown]
# The tutorial makes 20 rounds with `lr = 1e-4`.

# %%
params_20, losses = fit(x, y, start, lr=1e-4, n_epochs=20)
for epoch in [*range(11), 19]:
    print(f"epoch {epoch:2}: RMSE {losses[epoch]:8.4f}")

# %% [markdown]
# From 120.4500 down to 8.4586, the tutorial's own figures. Its picture shows the first ten rounds in a row: the points,
# and the curve before each update.

# %%
steps = [fit(x, y, start, 1e-4, epoch)[0] for epoch in range(20)]
panels.fits_in_a_row(x, y, steps[:10])

# %% [markdown]
# The curve swings: too low, too high, too low again, closer each time. In lesson 03 you met such a factor
# $1 - \eta L$ that is negative and smaller than 1 in size. Here are the next ten.
#
# **Predict before you run:** how much will you see change between epoch 10 and epoch 19?

# %%
panels.fits_in_a_row(x, y, steps[10:], first=10)

# %% [markdown]
# Hardly anything moves any more, the RMSE is down from 120 to 8.5, and the curve runs along the points. There the
# tutorial ends. Done?

# %% [markdown]
# ## What the picture does not show
#
# For three parameters there is a formula, least squares, which gives the best ones directly. Compare.

# %%
A = torch.stack([x**2, x, torch.ones(15)], dim=1).double()
best = torch.linalg.lstsq(A, y.double()).solution
print("            a        b        c     RMSE")
for name, p in {"start": start.double(), "20 epochs": params_20.double(), "best": best}.items():
    print(f"{name:9} {p[0]:8.4f} {p[1]:8.4f} {p[2]:8.4f} {rmse(A @ p, y):8.4f}")

# %%
panels.compare_fits(x, y, {"20 epochs": params_20, "least squares": best})

# %% [markdown]
# Look at the right picture, where the left end of the curve is enlarged. The points fall and rise again, with their
# lowest one at $x = 3$. The fitted curve only rises. Its $b$ even has the wrong sign, and its $c$ is off by 11.
#
# And $c$ is where it was at the start, $-0.5173$, to four decimals. Has it not been trained?

# %%
params = start.clone().requires_grad_()
mse(quadratic(x, params), y).backward()
print("gradient at the start:", params.grad)
print("c at the start and after each of five epochs:", [round(p[2].item(), 4) for p in steps[:6]])

# %% [markdown]
# It has a gradient, and it does move: up by 0.017, back by 0.013, and so on, in step with the swinging curve. What it
# does not do is get anywhere.

# %% [markdown]
# ## Why
#
# The loss is a bowl over $(a, b, c)$. Its curvatures are the eigenvalues of the Hessian, as in lesson 03. With the
# matrix $A$ that has the columns $x^2$, $x$ and $1$, the Hessian is $H = \frac{2}{N} A^\top A$.
#
# **Predict before you run:** $x^2$ goes up to 196, and the constant is 1. Which parameter does the loss react to most?

# %%
H = 2 / 15 * A.T @ A
curvatures, directions = torch.linalg.eigh(H)
for i in range(3):
    print(f"curvature {curvatures[i]:10.3f} in the direction", directions[:, i].abs().numpy().round(2))
print(f"largest stable lr: {2 / curvatures[-1]:.3g}")
print(f"steepest / flattest: {curvatures[-1] / curvatures[0]:.0f}")

# %%
panels.slices(x, y, best)

# %% [markdown]
# Three curvatures: 0.27, 9 and 17,153. The steepest direction is nearly $a$ alone, and the flattest one mostly $c$.
#
# - The steepest direction sets the limit: $2 / 17{,}153 = 1.17 \cdot 10^{-4}$. The tutorial's $10^{-4}$ is just below.
# - In the flattest direction, one update leaves the share $1 - 10^{-4} \cdot 0.266 = 0.99997$ of the distance. After
#   20 updates, 99.95 % are left.
#
# So $a$ is found in a few rounds, as well as it can be with that $b$ and $c$. The other two stay where they are, and
# the loss hardly tells: it is flat there. The loss and the picture report on steep directions. They are nearly silent
# about flat ones.
#
# Can you not take a larger step?

# %%
for lr in (1e-3, 1e-4):
    reached, history = fit(x, y, start, lr=lr, n_epochs=100)
    first = ", ".join(f"{loss:.4g}" for loss in history[:4])
    print(f"lr = {lr}: RMSE {first} … {history[-1]:.4g}, params {reached.tolist()}")

# %% [markdown]
# With $10^{-3}$ the RMSE grows until float32 cannot hold it, and the parameters end as `nan`, "not a number". And more
# rounds? Here are thirty times as many.

# %%
params_600, losses_600 = fit(x, y, start, lr=1e-4, n_epochs=600)
print(f"after 600 epochs: RMSE {losses_600[-1]:.3f}, c = {params_600[2]:.4f}")
print(f"updates to halve the distance in the flattest direction: {0.6931 / (1e-4 * curvatures[0]):.0f}")

# %% [markdown]
# It would take 26,000 updates for each halving. So far $c$ has even gone the wrong way: it follows $b$, and as long as
# $b$ is wrong, another $c$ goes best with it. One learning rate serves all directions, and here no learning rate serves
# them well. The ratio of the steepest to the flattest curvature, 64,000 here, is the *condition number*. It says
# how bad things are.

# %% [markdown]
# ## The same with torch.nn and torch.optim
#
# Before you mend it, let PyTorch take over the bookkeeping. A `torch.nn.Module` holds a model together with its
# parameters. A tensor wrapped in `torch.nn.Parameter` requires gradients, and the module finds it. What `forward`
# computes is what `model(x)` returns.


# %% locked="module"
class Parabola(torch.nn.Module):
    def __init__(self, start):
        super().__init__()
        self.params = torch.nn.Parameter(start.clone())

    def forward(self, x):
        return quadratic(x, self.params)


model = Parabola(start)
print(list(model.parameters()))

# %% [markdown]
# An *optimizer* holds the parameters and knows how to update them:
#
# - `torch.optim.SGD(model.parameters(), lr=lr)` makes one for plain gradient descent;
# - `optimizer.zero_grad()` puts the gradients of all parameters back to nothing;
# - `optimizer.step()` updates all of them, with no graph.
#
# ### Exercise: fit_with_optim (2 points)
#
# The model comes from outside and is changed in place. That way the loop serves any model.


# %% solution="fit_with_optim"
def fit_with_optim(model, x, y, lr, n_epochs):
    """Gradient descent on the MSE with torch.optim.SGD. Changes the model's parameters in place.

    model: a torch.nn.Module; model(x) gives the predictions, shape (N,). x: what the model takes.
    y: tensor of shape (N,). lr: learning rate. n_epochs: how many updates.

    Returns losses, a list of plain numbers: losses[i] is the RMSE before update i.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        yhat = model(x)
        loss = mse(yhat, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(rmse(yhat, y).item())
    return losses
    ### END SOLUTION


# %% check="fit_with_optim" points=2
curves.fit_with_optim.check(fit_with_optim)

# %%
losses_optim = fit_with_optim(model, x, y, lr=1e-4, n_epochs=20)
print("params by optimizer:", model.params.detach())
print("params by hand:     ", params_20)
print(f"largest difference of the losses: {(torch.tensor(losses_optim) - torch.tensor(losses)).abs().max():.0e}")

# %% [markdown]
# Step for step the same numbers, up to the last digit of float32. There is no magic in the optimizer. So it has the
# same trouble with $c$.

# %% [markdown]
# ## Standardized features
#
# The trouble is that the columns $x^2$, $x$ and $1$ are so different in size. Make them alike: from each column
# subtract its mean $m$, and divide by its standard deviation $s$.
#
# $$z = \frac{\text{feature} - m}{s}$$
#
# Each column then has mean 0, and its squares have mean 1. The second promise holds if $s$ is the root of the mean of
# the squared deviations, with $N$ in the denominator and not $N - 1$.
#
# Data that comes later must be put on the same scale, with the same $m$ and $s$. A model learns what $z = 1$ means from
# the data it is trained on. It must go on to mean that.
#
# ### Exercise: standardize (2 points)


# %% solution="standardize"
def standardize(X, X_new):
    """Shift and scale each column by the mean and the standard deviation that it has in X.

    X: tensor of shape (N, n_features). X_new: tensor of shape (M, n_features), other data of the same kind.

    Returns Z and Z_new, of the same shapes. In Z, each column has mean 0, and its squares have mean 1.
    """
    ### BEGIN SOLUTION
    mean = X.mean(dim=0)
    std = X.std(dim=0, correction=0)
    return (X - mean) / std, (X_new - mean) / std
    ### END SOLUTION


# %% check="standardize" points=2
curves.standardize.check(standardize)

# %%
X = torch.stack([x**2, x], dim=1)
x_new = torch.arange(15, 20).float()
X_new = torch.stack([x_new**2, x_new], dim=1)
Z, Z_new = standardize(X, X_new)

mean, std = X.mean(dim=0), X.std(dim=0, correction=0)
print("mean of the columns:", mean, "standard deviation:", std)

# %% [markdown]
# The column of ones needs no scaling. And the curvatures?

# %%
A_z = torch.cat([Z, torch.ones(15, 1)], dim=1).double()
curvatures_z = torch.linalg.eigvalsh(2 / 15 * A_z.T @ A_z)
print("curvatures:", [round(curvature, 3) for curvature in curvatures_z.tolist()])
print(f"largest stable lr: {2 / curvatures_z[-1]:.3f}")
print(f"steepest / flattest: {curvatures_z[-1] / curvatures_z[0]:.0f}")

# %% [markdown]
# From 64,000 to 55. (Not to 1, because $x^2$ and $x$ still rise together.) The largest stable learning rate is now
# 0.509, more than 4000 times what it was.
#
# With the features as columns, the model is one that PyTorch has ready: `torch.nn.Linear(2, 1)` has a weight for each
# of two features and a bias. It returns shape `(N, 1)`; `torch.nn.Flatten(0)` behind it makes `(N,)` of that, as `y`
# has it. Your `fit_with_optim` takes this model as it is.

# %%
torch.manual_seed(0)
scaled_model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Flatten(0))
losses_scaled = fit_with_optim(scaled_model, Z, y, lr=0.3, n_epochs=600)
print(f"RMSE after  20 epochs: {losses_scaled[20]:.4f}")
print(f"RMSE after 100 epochs: {losses_scaled[100]:.4f}")
print(f"RMSE after 599 epochs: {losses_scaled[599]:.4f}")
panels.loss_curves({"raw, lr = 1e-4": losses_600, "standardized, lr = 0.3": losses_scaled})

# %% [markdown]
# Least squares has an RMSE of 0.5774, and that is where it arrives. Do the parameters arrive too? The model has learned
#
# $$\hat{y} = w_1 \frac{x^2 - m_1}{s_1} + w_2 \frac{x - m_2}{s_2} + w_0$$
#
# with its two weights $w_1, w_2$ and its bias $w_0$. Sort by powers of $x$:
#
# $$a = \frac{w_1}{s_1}, \qquad b = \frac{w_2}{s_2}, \qquad c = w_0 - a\, m_1 - b\, m_2$$

# %%
with torch.no_grad():
    linear = scaled_model[0]
    a, b = linear.weight[0] / std
    c = linear.bias[0] - a * mean[0] - b * mean[1]
print(f"gradient descent: a = {a:.4f}, b = {b:.4f}, c = {c:.4f}")
print(f"least squares:    a = {best[0]:.4f}, b = {best[1]:.4f}, c = {best[2]:.4f}")

# %% [markdown]
# There they are. Same model, same loss, same loop. Only the scale of two columns has changed.

# %% [markdown]
# ## Tune it
#
# The left picture shows the curve, the middle one how far each parameter has come on its way from the start to its best
# value, and the right one the RMSE. The button **Standardized features** changes the scale.
#
# Find out:
# 1. On the raw features, set `lr` just below and just above $1.17 \cdot 10^{-4}$. How far does $c$ get in 300 epochs?
# 2. Press the button, and raise `lr`. At which `lr` does it diverge now?
# 3. With standardized features, in which order do $a$, $b$ and $c$ arrive?

# %%
panels.scaling(x, y, start)

# %% [markdown]
# ## Find the bug (2 points)
#
# A colleague fits the same points on standardized features, and predicts at $x = 15, \dots, 19$. The training is fine.
# Look at the forecast.


# %% locked="bug-shown"
def forecast_of_a_colleague(x, y, x_new, lr, n_epochs):
    X = torch.stack([x**2, x], dim=1)
    Z = (X - X.mean(dim=0)) / X.std(dim=0, correction=0)
    weights = torch.zeros(2, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weights, bias], lr=lr)
    for _ in range(n_epochs):
        loss = mse(Z @ weights + bias, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    X_new = torch.stack([x_new**2, x_new], dim=1)
    Z_new = (X_new - X_new.mean(dim=0)) / X_new.std(dim=0, correction=0)
    return (Z_new @ weights + bias).detach()


yhat_new = forecast_of_a_colleague(x, y, x_new, lr=0.3, n_epochs=600)
print("forecast:     ", [round(value, 1) for value in yhat_new.tolist()])
print("least squares:", [round(value, 1) for value in quadratic(x_new, best).tolist()])
panels.show_forecast(x, y, x_new, yhat_new)

# %% [markdown]
# The points end at 110 and rise steeply. The forecast begins at $-11$, as if $x$ had started anew. Here is the same
# function again. Repair it.


# %% solution="forecast"
def forecast(x, y, x_new, lr, n_epochs):
    """Fit a parabola on standardized features, from zeros, and predict at other x.

    x, y: tensors of shape (N,), the data to fit. x_new: tensor of shape (M,), where to predict.
    lr: learning rate. n_epochs: how many updates.

    Returns yhat_new, a tensor of shape (M,).
    """
    ### BEGIN SOLUTION
    X = torch.stack([x**2, x], dim=1)
    mean = X.mean(dim=0)
    std = X.std(dim=0, correction=0)
    Z = (X - mean) / std
    weights = torch.zeros(2, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weights, bias], lr=lr)
    for _ in range(n_epochs):
        loss = mse(Z @ weights + bias, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    X_new = torch.stack([x_new**2, x_new], dim=1)
    Z_new = (X_new - mean) / std
    return (Z_new @ weights + bias).detach()
    ### STUB
    # X = torch.stack([x**2, x], dim=1)
    # Z = (X - X.mean(dim=0)) / X.std(dim=0, correction=0)
    # weights = torch.zeros(2, requires_grad=True)
    # bias = torch.zeros(1, requires_grad=True)
    # optimizer = torch.optim.SGD([weights, bias], lr=lr)
    # for _ in range(n_epochs):
    #     loss = mse(Z @ weights + bias, y)
    #     optimizer.zero_grad()
    #     loss.backward()
    #     optimizer.step()
    # X_new = torch.stack([x_new**2, x_new], dim=1)
    # Z_new = (X_new - X_new.mean(dim=0)) / X_new.std(dim=0, correction=0)
    # return (Z_new @ weights + bias).detach()
    ### END SOLUTION


# %% check="forecast" points=2
curves.forecast.check(forecast)

# %%
yhat_new = forecast(x, y, x_new, lr=0.3, n_epochs=600)
print("repaired:     ", [round(value, 1) for value in yhat_new.tolist()])
panels.show_forecast(x, y, x_new, yhat_new)

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "d"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: curves.why_c_stands_still }}

# %% solution="why_c_stands_still"
### BEGIN SOLUTION
why_c_stands_still = {"b", "c"}
### STUB
# why_c_stands_still = ...
### END SOLUTION

# %% check="why_c_stands_still" points=0.5
curves.why_c_stands_still.check(why_c_stands_still)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: curves.looks_fitted }}

# %% solution="looks_fitted"
### BEGIN SOLUTION
looks_fitted = {"c"}
### STUB
# looks_fitted = ...
### END SOLUTION

# %% check="looks_fitted" points=0.5
curves.looks_fitted.check(looks_fitted)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: curves.what_standardizing_changes }}

# %% solution="what_standardizing_changes"
### BEGIN SOLUTION
what_standardizing_changes = {"b", "c", "d"}
### STUB
# what_standardizing_changes = ...
### END SOLUTION

# %% check="what_standardizing_changes" points=0.5
curves.what_standardizing_changes.check(what_standardizing_changes)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: curves.what_the_optimizer_sees }}

# %% solution="what_the_optimizer_sees"
### BEGIN SOLUTION
what_the_optimizer_sees = {"b", "d"}
### STUB
# what_the_optimizer_sees = ...
### END SOLUTION

# %% check="what_the_optimizer_sees" points=0.5
curves.what_the_optimizer_sees.check(what_the_optimizer_sees)

# %% [markdown] locked="tail"
# ## What you now know
#
# - The five steps do not care what the model looks like, as long as the loss has gradients.
# - A flat loss curve and a good picture say that the steep directions are done. About flat directions, and the
#   parameters in them, they say nearly nothing.
# - The steepest direction sets the learning rate, the flattest one the time it takes. Their ratio is the condition
#   number.
# - Standardized features bring the curvatures together. Mean and standard deviation come from the training data, and go
#   with the model: for new data, and to map the parameters back.
# - `torch.nn.Module` collects parameters, `torch.optim.SGD` updates them: the loop that you wrote by hand.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 07**, in which JAX takes the gradients, of functions instead of tensors.
#
# *Further reading: data, start and the pictures of the first ten steps follow a PyTorch tutorial that fits a noisy
# parabola; what became of $c$ is not in it.*
