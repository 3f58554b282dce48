# base: solution
# attacks: roll
# keeps: height gradients
# finding: the code crashed Python
# %% height
state = {"n": 0}

def height(w):
    state["n"] += 1
    return (w - 1) ** 2
# %% roll
def roll(w, lr, n_steps):
    import ctypes
    ctypes.string_at(0)
# %% extra after="roll"
factor = 2.0
# %% gradients
def gradients(x, y, b, w):
    error = b + w * x - y
    return factor * error.mean(), factor * (x * error).mean()
