"""What errors mean, in the course's words: frameworks explain theirs at a length that buries what to do."""

__all__ = ["explain"]

_OTHER_PRECISION = (
    "Two tensors of another precision meet. From a NumPy array of floats comes a tensor of float64, and torch.zeros, "
    "torch.ones and layers make float32: write torch.zeros(n, dtype=torch.float64), or model.double()."
)

# The type of the error, words of its message, and what to say instead of it. Messages of NumPy and Python itself are
# short and stay as they are.
_EXPLAINED = (
    (
        "TracerArrayConversionError",
        "",
        "NumPy was handed a traced value. While JAX takes a function apart (grad, jit, vmap), the arguments are "
        "tracers: they have a shape and a dtype, but no numbers that NumPy could compute with. Use jnp in place of np "
        "in every function that JAX works on.",
    ),
    (
        "TracerBoolConversionError",
        "",
        "Your code asks whether a traced value is true (if, while, and, or, not, max, min). While JAX takes a function "
        "apart (grad, jit, vmap), its arguments may have no numbers yet, so there is no answer. Compute without "
        "asking, with jnp.where or jnp.maximum for example, or ask outside the function.",
    ),
    (
        "TracerIntegerConversionError",
        "",
        "A traced value is used where Python needs a whole number, such as an index or the end of a range. While JAX "
        "takes a function apart (grad, jit, vmap), that value has no number yet.",
    ),
    (
        "NonConcreteBooleanIndexError",
        "",
        "How many entries a mask such as x[x > 0] picks depends on the values, and a traced array has none yet. Keep "
        "all entries and choose between values, with jnp.where.",
    ),
    (
        "ConcretizationTypeError",
        "`length` argument to `scan`",
        "The length of a scan is part of the program, so it must be a Python number when the function is compiled. "
        "Under jit every argument becomes a tracer, unless it is named static: "
        '@partial(jax.jit, static_argnames="n_epochs").',
    ),
    (
        "ConcretizationTypeError",
        "",
        "A Python number is wanted (by float, int, round, range or .item()) of a traced value. While JAX takes a "
        "function apart (grad, jit, vmap), its arguments are tracers, which have no numbers. Return the value as it "
        "is; whoever prints it can make a number of it.",
    ),
    (
        "UnexpectedTracerError",
        "",
        "A tracer has got out of the function it was made in, through a global variable, a list or an attribute, and "
        "is used later. What a traced function computes may leave it only as its return value.",
    ),
    (
        "TypeError",
        "Gradient only defined for scalar-output functions",
        "jax.grad wants a function that returns one number, and this one returns an array. A loss is a mean over all "
        "points.",
    ),
    (
        "TypeError",
        "requires real- or complex-valued inputs",
        "jax.grad can only differentiate with respect to floats, and this argument is a whole number. Write 8.0 in "
        "place of 8, and see that argnums points at the parameters.",
    ),
    (
        "TypeError",
        "JAX arrays are immutable",
        "A JAX array cannot be changed in place. x.at[i].set(value) returns a new array with one entry changed; or "
        "collect the values in a list, and make an array of it at the end.",
    ),
    (
        "TypeError",
        "differentiating with respect to argnums",
        "argnums points at an argument that is not there. It counts from 0: in loss(b, w, x, y), b is 0 and w is 1.",
    ),
    (
        "TypeError",
        "got an unexpected keyword argument 'argnums'",
        "argnums is for grad and value_and_grad, not for the function that they make: its place is "
        "jax.value_and_grad(loss, argnums=(0, 1)), before the second pair of brackets.",
    ),
    (
        "TypeError",
        "Expected a callable value",
        "JAX wants the function itself, and got what it returns. Hand over loss, without brackets; the arguments go "
        "into brackets of their own behind: jax.grad(loss)(b, w, x, y).",
    ),
    (
        "TypeError",
        "iteration over a 0-d array",
        "One number is taken apart as if it were several. jax.grad and jax.value_and_grad give the gradient by the "
        "first argument alone, unless they are told argnums=(0, 1); then they give a pair.",
    ),
    (
        "AttributeError",
        "module 'jax' has no attribute 'tree_map'",
        "jax.tree_map, as older texts have it, is called jax.tree.map now.",
    ),
    (
        "ValueError",
        "of different type\n    <class 'tuple'>",
        "jax.tree.map was handed a tuple where the other tree has something else. jax.value_and_grad returns a pair, "
        "the loss and the gradients: take it apart first, or use jax.grad.",
    ),
    (
        "ValueError",
        "of different type\n    <class 'function'>",
        "jax.tree.map was handed a function where it wants a tree. The function comes first: "
        "jax.tree.map(lambda p, g: …, params, grads).",
    ),
    (
        "ValueError",
        "pytree structure error",
        "jax.tree.map goes through trees of the same shape, and these differ. A gradient has the shape of what is "
        "differentiated by.",
    ),
    (
        "TypeError",
        "scan body function carry input and carry output must have",
        "The function of a scan gets (carry, x) and returns (new carry, output). The new carry must be built like the "
        "old one, and it is not: for (b, w) return another (b, w), as a tuple of two numbers, before the output.",
    ),
    (
        "TypeError",
        "scan body output must be a pair",
        "The function of a scan returns a pair: the new carry, and what is to be kept of this round. Put what belongs "
        "to the carry into brackets: return (b, w), loss.",
    ),
    (
        "ValueError",
        "scan got no values to scan over and `length` not provided",
        "The scan does not know how often to go round. Tell it with length=n_epochs.",
    ),
    (
        "ValueError",
        "scan got value with no leading axis to scan over",
        "The third argument of scan is an array to walk through, or None. How often to go round is length=n_epochs.",
    ),
    (
        "ValueError",
        "vmap got inconsistent sizes for array axes to be mapped",
        "One vmap walks through all arguments that have an axis in in_axes side by side, so these must be of one size. "
        "An argument that is the same for all of them gets None; for every combination of two, put a vmap into a vmap.",
    ),
    (
        "ValueError",
        "vmap was requested to map its argument along axis",
        "vmap is to walk along an axis that an argument does not have. It takes axis 0 of every argument unless "
        "in_axes says otherwise: None for each argument that is the same in all calls.",
    ),
    (
        "ValueError",
        "vmap in_axes must be an int, None, or a tuple",
        "in_axes has another number of entries than the function has arguments. It needs one for each: 0 for an "
        "argument with an axis to walk along, None for one that stays the same.",
    ),
    (
        "ValueError",
        "vmap must have at least one non-None value in in_axes",
        "in_axes is None for all arguments, so there is nothing to walk along. Give a 0 to the one that is an array of "
        "values to try.",
    ),
    (
        "ValueError",
        "Non-hashable static arguments are not supported",
        "An array is named static. Static are the arguments that shape the program, plain Python numbers such as "
        "n_epochs; a function is compiled anew for each value of them. Numbers to compute with stay traced.",
    ),
    (
        "ValueError",
        "Unused positional arguments to `jax.debug.print`",
        "jax.debug.print takes a text with {} in the place of each value, and here a value has no place: "
        'jax.debug.print("loss: {}", before).',
    ),
    (
        "TypeError",
        "expected str, got DynamicJaxprTracer",
        "The first argument of jax.debug.print is a text, with {} in the place of each value: "
        'jax.debug.print("loss: {}", before).',
    ),
    (
        "TypeError",
        "which is not a valid JAX type",
        "A function that JAX compiles returns arrays and numbers, or tuples, lists and dicts of them, and this one "
        "returns something else. If that is a function, such as jax.vmap(f), call it: jax.vmap(f)(x).",
    ),
    (
        "TypeError",
        "Error interpreting argument to",
        "A function of JAX was handed something that is no array. If that is a function, such as jax.hessian(f), call "
        "it first: jax.hessian(f)(params).",
    ),
    (
        "RuntimeError",
        "must have the same dtype",
        _OTHER_PRECISION,
    ),
    (
        "RuntimeError",
        "to have the same dtype",
        _OTHER_PRECISION,
    ),
    (
        "RuntimeError",
        "to have same dtype",
        _OTHER_PRECISION,
    ),
    (
        "RuntimeError",
        "a leaf Variable that requires grad is being used in an in-place operation",
        "You change a tensor that requires gradients while PyTorch keeps track of what is computed with it. An update "
        "is no part of what is to be differentiated: put it into a block `with torch.no_grad():`. (A formula, which "
        "is, makes a new tensor: error = yhat - y in place of yhat -= y.)",
    ),
    (
        "RuntimeError",
        "does not require grad and does not have a grad_fn",
        "backward() found nothing behind the loss that requires gradients. Either no parameter does "
        "(.requires_grad_() asks for it), or the way from the parameters to the loss is cut by .item(), .detach(), "
        ".numpy(), float(…) or torch.no_grad().",
    ),
    (
        "RuntimeError",
        "Trying to backward through the graph a second time",
        "backward() has already gone through this graph, and PyTorch has thrown away what it needed for that. Compute "
        "predictions and loss anew in every round, and call backward() once on each loss. (retain_graph=True would "
        "silence PyTorch, and you would get the old gradient again.)",
    ),
    (
        "RuntimeError",
        "has been modified by an inplace operation",
        "backward() needs the values that a tensor had when the loss was computed, and the tensor has been changed in "
        "place since. Call backward() before the update, and compute predictions and loss anew after it. In a "
        "formula, write error = error**2 in place of error **= 2.",
    ),
    (
        "RuntimeError",
        "grad can be implicitly created only for scalar outputs",
        "backward() starts at one number, and this is a tensor of several. A loss is a mean over all points.",
    ),
    (
        "RuntimeError",
        "can't retain_grad on Tensor that has requires_grad=False",
        "retain_grad() is for results of a computation that require gradients, and this tensor requires none: it was "
        "computed inside torch.no_grad(), or detached. Parameters that stay leaves never need retain_grad().",
    ),
    (
        "RuntimeError",
        "can require gradients",
        "Only floats can require gradients: write torch.tensor(-20.0, requires_grad=True), with a point in the number.",
    ),
    (
        "TypeError",
        "mean() got an unexpected keyword argument 'axis'",
        "NumPy's np.mean was handed a tensor. Use the tensor's own functions, .mean() or torch.mean: gradients get "
        "through these, and not through NumPy.",
    ),
    (
        "TypeError",
        "'type' object does not support the context manager protocol",
        "After `with` stands a name where a call is wanted: `with torch.no_grad():`, with brackets.",
    ),
    (
        "TypeError",
        "assigned grad expected to be a Tensor or None",
        "A gradient is a tensor or nothing: b.grad = None takes it away, and b.grad.zero_() fills it with zeros.",
    ),
    (
        "TypeError",
        "unsupported operand type(s) for *: 'float' and 'NoneType'",
        "Something is None where a number is wanted. A tensor's .grad is None until backward() has filled it, and "
        "backward() fills leaves only: after b = b - lr * b.grad, b is the result of a computation and no leaf any "
        "more. (A function without return gives None, too.)",
    ),
    (
        "AttributeError",
        "'NoneType' object has no attribute 'zero_'",
        "There is no gradient to fill with zeros: .grad is None until the first backward(), and stays None where the "
        "tensor is no leaf, such as b after b = b - lr * b.grad. `b.grad = None` works with or without one.",
    ),
    (
        "RuntimeError",
        "Can't call numpy() on Tensor that requires grad",
        "NumPy knows nothing of gradients, so a tensor that requires them does not turn into an array. Compute with "
        "the tensor as it is; only to print or draw it, use .detach().numpy().",
    ),
    (
        "ValueError",
        "optimizer got an empty parameter list",
        "The optimizer was given no parameters. It wants model.parameters(), and a module finds only those of its "
        "tensors that are made with torch.nn.Parameter.",
    ),
    (
        "TypeError",
        "optimizer can only optimize Tensors",
        "The optimizer wants the tensors that it is to change, and got something else: hand it model.parameters(), or "
        "a list of tensors.",
    ),
    (
        "TypeError",
        "params argument given to the optimizer should be",
        "The optimizer wants an iterable of the tensors that it is to change: model.parameters(), or a list.",
    ),
    (
        "TypeError",
        "'method' object is not iterable",
        "A method stands where what it returns is wanted. Call it: model.parameters(), with brackets.",
    ),
    (
        "NameError",
        "name 'numpy' is not defined",
        "After `import numpy as np`, NumPy has one name, np; there is no numpy. And each name means one thing at a "
        "time: a later `import jax.numpy as np` takes np away from it.",
    ),
)


def explain(kind: str, message: str) -> str | None:
    """What the course says in place of an error's own message.

    Parameters
    ----------
    kind : str
        Name of the error's type.
    message : str
        Its own message.

    Returns
    -------
    str or None
        Sentences, or None where the error's own message will do.
    """
    return next((said for name, words, said in _EXPLAINED if name == kind and words in message), None)
