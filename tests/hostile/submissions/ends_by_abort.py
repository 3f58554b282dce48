# base: solution
# attacks: height
# keeps: roll gradients
# finding: the code crashed Python
# %% height
import os

def height(w):
    os.abort()
