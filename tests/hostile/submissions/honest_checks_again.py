# base: solution
# attacks:
# keeps: height roll gradients
# %% extra after="height"
start_here.height.check(height)
start_here.height.hint()
# %% extra after="height"
height.__doc__ = "mine"
five_steps.gradients.solution()
