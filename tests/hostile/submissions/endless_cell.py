# base: solution
# attacks: height
# keeps: roll gradients
# finding: This cell was stopped: it took longer than 5 seconds, the limit for one cell. Cells below run as if it were
# %% height
def height(w):
    return (w - 1) ** 2
while True:
    pass
