# base: solution
# attacks: height roll
# keeps: gradients
# finding: There is no height
# finding: Your code raises
# %% height
height = float(input("What is the height? "))
# %% roll
def roll(w, lr, n_steps):
    import pdb
    pdb.set_trace()
    return float(input())
