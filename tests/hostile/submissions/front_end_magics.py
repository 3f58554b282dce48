# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
def height(w):
    return 0.0
# %% extra after="height"
%%bash
(sleep 3600 > /dev/null 2>&1 &)
echo "from bash"
# %% extra after="height"
!sleep 3600 &
!echo "from a shell"; cat /etc/passwd; ls @CLASS@
# %% extra after="height"
%%javascript
alert(1)
# %% extra after="height"
%%html
<script>alert(1)</script>
# %% extra after="height"
%pip install evil
%cd /
%env GDEXERCISES_SEED=0
# %% extra after="height"
%load_ext autoreload
%autoreload 2
%%time
# %% roll
def roll(w, lr, n_steps):
    return w if not n_steps else roll(w - lr * 2 * (w - 1), lr, n_steps - 1)
# %% extra after="check-roll"
from gdexercises import five_steps, start_here
import numpy as np
