# base: solution
# attacks: height
# keeps: roll gradients
# finding: the code ended Python
# %% height
import os

def height(w):
    os.closerange(0, 4096)
    return (w - 1) ** 2
