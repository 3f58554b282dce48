# base: solution
# attacks: height
# keeps: roll gradients
# finding: the limit for one call
# %% height
import re

def height(w):
    return re.match("(a*)*b", "a" * 60)
