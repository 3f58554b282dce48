# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is
# %% height
calls = 0

def height(w):
    global calls
    calls += 1
    return (w - 1) ** 2 if calls <= 20 else 0.0
