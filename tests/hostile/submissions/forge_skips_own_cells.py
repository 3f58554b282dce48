# base: blank
# attacks: height roll gradients
# finding: Not attempted yet
# %% height
raise SystemExit
# %% roll
%%script false --no-raise-error
# %% gradients
get_ipython().events.register("pre_run_cell", exit)
