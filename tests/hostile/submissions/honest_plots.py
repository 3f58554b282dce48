# base: solution
# attacks:
# keeps: height roll gradients
# %% height
import matplotlib.pyplot as plt

def height(w):
    return (w - 1) ** 2

fig, ax = plt.subplots()
ax.plot([height(w) for w in range(10)], label="Höhe")
ax.legend()
plt.show()
# %% extra after="check-height"
%matplotlib inline
for _ in range(5):
    plt.figure()
    plt.imshow(np.random.rand(300, 300))
# %% extra after="check-height"
from IPython.display import HTML, Markdown, display
display(HTML("<table><tr><td>1</td></tr></table>"), Markdown("*fine*"), fig)
