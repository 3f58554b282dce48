# base: solution
# attacks: height
# keeps: roll gradients
# finding: The check of height could not be finished: the code ended Python (exit status 3).
# %% height
import os

def height(w):
    os._exit(3)
