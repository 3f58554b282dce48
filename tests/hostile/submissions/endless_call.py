# base: solution
# attacks: height
# keeps: roll gradients
# finding: The check of height could not be finished: the code took longer than 4 seconds, the limit for one call.
# %% height
def height(w):
    while True:
        pass
