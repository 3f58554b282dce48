# base: solution
# attacks: height roll
# keeps: gradients
# finding: wrote a file of more than 16 MiB
# finding: No space left on device
# %% height
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_DFL)

def height(w):
    with open("/tmp/large", "wb") as file:
        while True:
            file.write(bytes(2**20))
# %% roll
def roll(w, lr, n_steps):
    for number in range(100):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(15 * 2**20))
