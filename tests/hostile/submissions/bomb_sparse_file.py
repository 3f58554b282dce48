# base: solution
# attacks: height
# keeps: roll gradients
# finding: File too large
# %% height
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def height(w):
    with open("/tmp/sparse", "wb") as file:
        file.seek(2**40)
        file.write(b"x")
        file.flush()
