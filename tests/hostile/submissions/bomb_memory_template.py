# base: solution
# attacks: height
# keeps: roll gradients
# finding: The check of height could not be finished: the code
# %% height
import gc
import os
import time

def height(w):
    """Many processes, each of which takes a copy of all that was there before."""
    for _ in range(40):
        if os.fork() == 0:
            gc.unfreeze()
            everything = gc.get_objects()
            copies = [list(thing) for thing in everything if type(thing) in (list, tuple, dict)]
            time.sleep(3600)
    time.sleep(3600)
