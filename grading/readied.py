"""Read last by the process that workers are forked from: what each of them would do first is done once, before."""

import gc

from grading.sandbox import stripped

stripped.stripped()

# What is there now is there for good: the collector must not touch, and so copy, it in each worker.
gc.collect()
gc.freeze()
gc.enable()
