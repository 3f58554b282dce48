# %% [markdown] locked="head"
# # 00 · Start here
#
# **You will** find out whether everything is installed, meet the course's exercises on a toy, and roll a ball down a
# valley.
#
# **You will learn**
# - how a notebook works: cells, the kernel, the order of cells, saving;
# - how an exercise works: its check, its hints, its solution, and the button *Validate*;
# - what gradient descent looks like, in one picture.
#
# **You need** Python with functions and loops. You need not have seen a notebook before.
#
# **It takes** about 20 minutes. Nothing here is graded.

# %% [markdown]
# ## Run a cell
#
# A notebook is a column of *cells*. This text is one. The box below, with `[ ]:` at its left, is another: it holds
# Python. Click into it, hold down **Shift** and press **Enter**.
#
# While Python works on a cell, it says `[*]:`. Then a number takes the place of the star, the result stands below the
# cell, and the next cell is selected.
#
# (Has a text suddenly lost its looks and shows signs such as `**`? You clicked it twice, and may edit it now.
# Shift+Enter puts that right.)
#
# This first cell looks at what is installed. Never mind its code.

# %% locked="environment"
import sys
from pathlib import Path

from IPython.display import display

# A Python in which the course is not installed finds it in the folders above this one.
sys.path += [str(folder) for folder in Path.cwd().parents if (folder / "gdexercises" / "environment.py").exists()]
try:
    from gdexercises import environment
except (ImportError, SyntaxError):
    print(f"✗ This Python cannot load the course: {sys.executable}, version {sys.version.split()[0]}.")
    print("  Open a terminal, go to the folder of the course (it holds a file called Makefile) and type: make lab")
else:
    display(environment.report())

# %% [markdown]
# `✓` stands before what is fine, `✗` before what is to be mended. If there is a `✗`, one line below the table mends all
# of it at once. (The button **+** in the toolbar makes a new cell to paste it into.)
#
# You need not mend everything now. The last column says what needs what: PyTorch is for lessons 04, 06 and 10, JAX for
# lessons 07, 08 and 10, and the others do without.

# %% [markdown]
# ## What the kernel remembers
#
# The program that runs your cells is called the *kernel*. It remembers everything that was run, until it is restarted.
# Run the next two cells.

# %%
steps = 3

# %%
steps = steps + 1
print("steps:", steps)

# %% [markdown]
# **Predict before you run:** now click into the last cell and run it once more. What will it print?
#
# It prints 5. The kernel does not look at where a cell stands on the page, only at **the order in which you run them**.
# Restarting makes it forget. Try that as well:
#
# 1. Choose **Kernel > Restart Kernel…** from the menu at the top, and confirm.
# 2. Run the cell with `steps = steps + 1`, and only that one.
#
# A red box appears. This is what an error looks like. Read its **last line** first, `NameError: name 'steps' is not
# defined`: it says what is wrong. The arrow `---->` above it shows the line where it happened.
#
# Nothing is broken. The page still shows `steps = 3`, but this kernel has not run it yet. Run that cell, then the other
# one again, and the error is gone.
#
# If a cell says `[*]:` and never ends, stop it with **Kernel > Interrupt Kernel**.

# %% [markdown]
# ## Save your work
#
# Press **Ctrl+S** (on a Mac **Cmd+S**). That saves what you wrote and the results below the cells. It does not save
# what the kernel remembers: when you come back, run the cells again from the top, with **Run > Run All Cells**.
#
# You work on a copy of your own, in the folder `workbook`. `make lab` adds lessons that you do not have yet and **never
# overwrites** what is there. To begin a lesson anew, rename your file (right-click on it in the list at the left) and
# run `make lab` again.

# %% [markdown]
# ## Meet an exercise
#
# The toy for this: a ball in a valley. At the place $w$, its height is
#
# $$\text{height} = (w - 1)^2$$
#
# First run this cell, which loads the exercises of this lesson.

# %% locked="imports"
from gdexercises import start_here
from gdexercises.tuning import start_here as panels

# %% [markdown]
# ### Exercise: height (no points)
#
# A cell that says `YOUR CODE HERE` is yours to fill in. The cell below it is its check, which cannot be edited. Leave
# everything as it is for now: **run both as they are**, one after the other.


# %% solution="height"
def height(w):
    """Height of the valley at the place w.

    w: a number.

    Returns one number.
    """
    ### BEGIN SOLUTION
    return (w - 1) ** 2
    ### END SOLUTION


# %% check="height" points=0
start_here.height.check(height)

# %% [markdown]
# **Not attempted.** The check says `○ height: Not attempted yet`, and ends with the error `CheckFailed`. That is meant:
# with *Run All Cells*, the notebook stops at the first exercise that is still open.
#
# **Wrong.** Go back to the exercise. In place of `raise NotImplementedError()` write `return w - 1 ** 2`, again with
# four spaces before it. Then run the exercise, and after it the check.
#
# Now it says `✗ height: Not right yet`, and which mistake this is: the check knows the common ones. Below stand one
# *call* of your function, what was *expected* and what it *got*. The numbers are fresh each time.
#
# **A hint.** Not sure how to mend it? Run the next cell. Each time it gives another hint, in more detail.

# %%
start_here.height.hint()

# %% [markdown]
# **The solution.** Run the next cell as well.

# %%
start_here.height.solution()

# %% [markdown]
# It is still locked: it opens when your answer is right, or after three wrong ones.
#
# **Right.** Put brackets around the difference, `(w - 1) ** 2`, run the exercise, then its check: `✓ height: Right`.
# Any other way to compute the same passes as well. Then run the cell with `solution()` again, and compare.

# %% [markdown]
# ## The whole course in one picture
#
# How does the ball get down? It feels the slope under it and makes a step the other way:
#
# $$w \leftarrow w - \eta \cdot \text{slope}$$
#
# The slope of this valley is $2\,(w - 1)$. The number $\eta$ ("eta", in code `lr`) is the *learning rate*: it says how
# long the steps are.
#
# **Predict before you run:** at `lr` = 0.1, the ball creeps down. What will it do at 0.9? And at 1.1?
#
# Run the cell. **Step** makes one step, **Play** many, **Reset** begins anew. Click the slider of `lr`, then use the
# arrow keys. (A picture without sliders? Run the cell. Still none? The table at the top says why.)

# %%
panels.ball()

# %% [markdown]
# Small steps are slow. At 0.5 a single step leads to the lowest place. Between 0.5 and 1 the ball jumps from side to
# side, lower each time. Above 1 it lands higher each time, and never comes back.
#
# That is gradient descent. In lesson 01 there are two numbers to move, the intercept and the slope of a line through
# data, and the height says how badly the line fits. Later there are more of them. What to do stays the same: feel the
# slope, make a step the other way.

# %% [markdown]
# ## Find the bug (no points)
#
# Every lesson has code that runs and is wrong. Here a colleague lets the ball make 20 steps at `lr` = 0.1. By then it
# should be near 1.


# %% locked="bug-shown"
def roll_of_a_colleague(w, lr, n_steps):
    for _ in range(n_steps):
        slope = 2 * (w - 1)
        w = w - lr * slope
        return w


print("after 20 steps: w =", roll_of_a_colleague(-1.0, lr=0.1, n_steps=20))

# %% [markdown]
# Here is the same function again. Repair it.


# %% solution="roll"
def roll(w, lr, n_steps):
    """Where the ball lies after n_steps steps downhill.

    w: where it starts. lr: learning rate. n_steps: how many steps.

    Returns the new w.
    """
    ### BEGIN SOLUTION
    for _ in range(n_steps):
        slope = 2 * (w - 1)
        w = w - lr * slope
    return w
    ### STUB
    # for _ in range(n_steps):
    #     slope = 2 * (w - 1)
    #     w = w - lr * slope
    #     return w
    ### END SOLUTION


# %% check="roll" points=0
start_here.roll.check(roll)

# %%
print("after 20 steps: w =", roll(-1.0, lr=0.1, n_steps=20))

# %% [markdown]
# ## A quiz question (no points)
#
# Answer with a set of letters, such as `{"a", "c"}`, in place of the dots.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: start_here.still_the_old_answer }}

# %% solution="still_the_old_answer"
### BEGIN SOLUTION
still_the_old_answer = {"b", "d"}
### STUB
# still_the_old_answer = ...
### END SOLUTION

# %% check="still_the_old_answer" points=0
start_here.still_the_old_answer.check(still_the_old_answer)

# %% [markdown]
# ## Validate
#
# Press **Validate** in the toolbar above the notebook. It runs the saved notebook from top to bottom with a kernel that
# remembers nothing, as a grader will, and says which checks do not pass. When all do, it says *Success! Your notebook
# passes all the tests.*
#
# Do this before you submit a lesson. A notebook that works only because of something that you ran an hour ago, and have
# deleted since, does not pass.
#
# (No such button? It belongs to nbgrader. **Kernel > Restart Kernel and Run All Cells…** does nearly the same.)

# %% [markdown]
# ## How the course goes on
#
# Ten lessons, 30 to 60 minutes each, best done in this order:
#
# | lesson | what you do | needs |
# | --- | --- | --- |
# | 01 five steps | fit a line by hand, then write gradient descent | NumPy |
# | 02 slopes | find slopes without a formula, and catch wrong ones | NumPy |
# | 03 batches | use some of the points at a time; compute the largest learning rate that works | NumPy |
# | 04 autograd | let PyTorch find the slopes | PyTorch |
# | 05 tiny autograd | build an autograd yourself | NumPy |
# | 06 curves | fit a curve, and scale data so that it can be fitted | PyTorch |
# | 07 jax grad | the same in JAX, with functions that change nothing | JAX |
# | 08 jax transforms | run hundreds of learning rates at once | JAX |
# | 09 optimizers | write momentum, RMSProp, Adam, and race them | NumPy |
# | 10 capstone | real data, three times: NumPy, PyTorch, JAX | PyTorch, JAX |
#
# All of them follow the same five steps: **0 initialize, 1 predict, 2 loss, 3 gradients, 4 update, 5 repeat.**
#
# Stuck? Read the check's message, then run `hint()` of that exercise in a new cell, for example
# `five_steps.predict.hint()` in lesson 01. `solution()` opens after three wrong answers. In the other lessons checks
# have points, and you may check as often as you like.

# %% [markdown] locked="tail"
# ## What you now know
#
# - **Shift+Enter** runs a cell. The kernel remembers what was run, in the order in which you ran it.
# - In doubt, restart the kernel and run all cells from the top.
# - An error's last line says what is wrong.
# - An exercise has a check, `hint()` and `solution()`; **Validate** runs all checks once more.
# - Gradient descent is a ball that goes downhill, and the learning rate says how far at a time.
#
# **Next: lesson 01**, in which you write gradient descent. A click on the folder symbol at the left edge shows the list
# of files; the lesson is in the folder `01-five-steps`, beside the one of this lesson.
