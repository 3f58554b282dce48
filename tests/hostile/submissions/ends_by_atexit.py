# base: solution
# attacks: height
# keeps: roll gradients
# finding: There is no height
# %% height
import atexit
import os
import time

atexit.register(time.sleep, 3600)
atexit.register(os.abort)
raise RuntimeError
