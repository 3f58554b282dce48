"""Read last by the process that workers are forked from: what there is now is there for good."""

import gc

# The collector must not touch, and so copy, it in each worker.
gc.collect()
gc.freeze()
gc.enable()
