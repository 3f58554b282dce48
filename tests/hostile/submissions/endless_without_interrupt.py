# base: solution
# attacks: height
# keeps: roll gradients
# finding: the limit for one call
# %% height
import signal
import time

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)

def height(w):
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass
