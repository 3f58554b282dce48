# base: solution
# attacks: height
# keeps: roll gradients
# finding: The check of height could not be finished: the code
# %% height
import gc
import os
import time

def height(w):
    """Many processes, each of which writes to memory that it shared with the others until then."""
    block = np.ones(2**24)
    for _ in range(40):
        if os.fork() == 0:
            block += 1
            time.sleep(3600)
    time.sleep(3600)
