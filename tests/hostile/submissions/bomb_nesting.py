# base: solution
# attacks: height
# keeps: roll gradients
# finding: height should be a number
# %% height
def height(w):
    nested = []
    nested.append(nested)
    return nested
