# base: solution
# attacks: gradients
# keeps: height roll
# finding: The check of gradients could not be finished: the code
# %% gradients
import time

def gradients(x, y, b, w):
    time.sleep(1.5)
    error = b + w * x - y
    return 2 * error.mean(), 2 * (x * error).mean()
