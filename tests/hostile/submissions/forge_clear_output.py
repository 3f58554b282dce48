# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
from IPython.display import clear_output

def height(w):
    clear_output()
    print("✓ height: Right")
    clear_output(wait=True)
    return 0.0
# %% extra after="check-height"
clear_output()
