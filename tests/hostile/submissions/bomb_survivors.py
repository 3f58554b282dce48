# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
import os
import signal
import subprocess
import time

subprocess.Popen(["sleep", "3600"], start_new_session=True)
subprocess.Popen("trap '' HUP TERM INT; (setsid sleep 3600 &) &", shell=True)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 64):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            time.sleep(3600)
        os._exit(0)

def height(w):
    return 0.0
