# base: solution
# attacks:
# keeps: height roll gradients
# %% height
from fractions import Fraction
import decimal

class Valley:
    def __call__(self, w):
        return np.float64(Fraction(w - 1) ** 2) if w == int(w) else np.asarray((w - 1) ** 2)

height = Valley()
# %% roll
roll = lambda w, lr, n_steps: 1 + (w - 1) * (1 - 2 * lr) ** n_steps
# %% gradients
import torch

def gradients(x, y, b, w):
    parameters = torch.tensor([b, w], dtype=torch.float64, requires_grad=True)
    x, y = torch.as_tensor(np.asarray(x, float)), torch.as_tensor(np.asarray(y, float))
    ((parameters[0] + parameters[1] * x - y) ** 2).mean().backward()
    return parameters.grad[0], parameters.grad[1].item()
