# base: solution
# attacks: height roll
# keeps: gradients
# finding: File too large
# finding: No space left on device
# %% height
import os

def height(w):
    with open("/tmp/large", "wb") as file:
        while True:
            os.write(file.fileno(), bytes(2**20))
# %% roll
def roll(w, lr, n_steps):
    for number in range(100):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(15 * 2**20))
