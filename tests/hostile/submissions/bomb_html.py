# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
from IPython import get_ipython

outputs = get_ipython().outputs
for tag in ("<b>", "<a><table>", "<p><b><i>", "<!--", "&amp", "<td><tr>", "<select><option>", "<svg><desc>"):
    outputs.append({"output_type": "display_data", "data": {"text/html": tag * 60_000}, "metadata": {}})

def height(w):
    return 0.0
