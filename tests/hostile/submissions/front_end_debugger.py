# base: solution
# attacks: height
# keeps: roll gradients
# finding: There is no height
# %% height
1 / 0
# %% extra after="height"
%debug
# %% extra after="height"
breakpoint()
# %% extra after="height"
import code
code.interact()
