# base: solution
# attacks: height
# keeps: roll gradients
# finding: This cell was stopped: it ended Python (exit status 0)
# %% height
import os
os._exit(0)
