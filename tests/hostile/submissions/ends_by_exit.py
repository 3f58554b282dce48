# base: solution
# attacks: height
# keeps: roll gradients
# finding: There is no height: no cell that ran to its end defines it.
# %% height
import sys
sys.exit("enough")

def height(w):
    return (w - 1) ** 2
