# base: solution
# attacks: height
# keeps: roll gradients
# finding: the limit for one call
# %% height
import time

class Clings:
    def __del__(self):
        time.sleep(3600)

def height(w):
    Clings()
    return (w - 1) ** 2
