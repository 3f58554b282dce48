# base: solution
# attacks: height roll
# keeps: gradients
# finding: MemoryError
# %% height
held = []

def height(w):
    for _ in range(100):
        held.append(np.ones(2**22))
    return (w - 1) ** 2
# %% roll
def roll(w, lr, n_steps):
    return bytes(2**40)
