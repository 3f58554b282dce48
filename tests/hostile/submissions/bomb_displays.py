# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
from IPython.display import HTML, display

for number in range(20_000):
    display(number)
display(HTML("<b>" * 100_000))
display({"image/png": "A" * 5_000_000}, raw=True)

def height(w):
    return 0.0
