# base: solution
# attacks: gradients
# keeps: height roll
# finding: comes after the 15 seconds that a submission has were used up
# %% gradients
import time
# %% extra after="check-roll"
time_left = __import__("time").sleep(2.5)
# %% extra after="check-roll"
__import__("time").sleep(2.5)
# %% extra after="check-roll"
__import__("time").sleep(2.5)
# %% extra after="check-roll"
__import__("time").sleep(2.5)
# %% extra after="check-roll"
__import__("time").sleep(2.5)
# %% extra after="check-roll"
__import__("time").sleep(2.5)
# %% extra after="check-roll"
__import__("time").sleep(2.5)
# %% extra after="check-roll"
__import__("time").sleep(2.5)
