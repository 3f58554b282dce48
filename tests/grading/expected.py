"""The demo classes: what each student gets in each exercise.

An exercise that is not named costs nothing; one that is costs all its points, and this is the mistake (or else the
finding) that the report shows for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DemoClass:
    """One lesson's demo class: points by exercise, mistakes by student and exercise, findings by student."""

    lesson: str
    points: Mapping[str, float]
    mistakes: Mapping[str, Mapping[str, str]]
    findings: Mapping[str, str] = field(default_factory=dict)

    def score(self, student: str) -> float:
        return sum(points for name, points in self.points.items() if name not in self.mistakes[student])


# 01-five-steps -----------------------------------------------------------------------------------------------------

FIVE_STEPS_POINTS = {
    "split": 1, "predict": 1, "mse": 1, "gradients": 3, "update": 2, "train": 3, "fit": 2,
    "inside_the_loop": 0.5, "what_the_gradient_tells": 0.5, "learning_rate_too_large": 0.5, "why_the_mean": 0.5,
}  # fmt: skip
FIVE_STEPS_UNTOUCHED = {name: "still_broadcasts" if name == "fit" else "not attempted" for name in FIVE_STEPS_POINTS}
# A recognised mistake costs its own points and no others: a later exercise that only carries it on passes.
FIVE_STEPS_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {},
    "dana": {"gradients": "no_factor_two"},
    "emil": {"gradients": "reversed_sign"},
    "fatima": {"split": "not_shuffled"},
    "goran": {"mse": "sums"},
    "hana": {"update": "uphill"},
    "ivan": {"train": "records_after_update"},
    "jana": {"inside_the_loop": "chose_a", "what_the_gradient_tells": "missed_c"},
    "karl": {"fit": "still_broadcasts"},
    "lena": {"mse": "broadcasts"},
    "milo": FIVE_STEPS_UNTOUCHED,
    "nora": {k: v for k, v in FIVE_STEPS_UNTOUCHED.items() if k not in ("split", "predict", "mse")}
    | {"gradients": "leaves_out_x"},
    "omar": {},
    "pia": dict.fromkeys(FIVE_STEPS_POINTS, "NotGraded"),
    "quinn": dict.fromkeys(FIVE_STEPS_POINTS, "NotGraded"),
    "rosa": {"predict": "exchanges_parameters"},
}
FIVE_STEPS_FINDINGS = {
    "pia": "pia/01-five-steps/01-five-steps.ipynb is not valid JSON: Expecting value, line 12 column 1.",
    "quinn": "quinn/01-five-steps/01-five-steps.ipynb is missing: only notes.txt was handed in.",
}
FIVE_STEPS = DemoClass("01-five-steps", FIVE_STEPS_POINTS, FIVE_STEPS_MISTAKES, FIVE_STEPS_FINDINGS)

# 02-slopes ---------------------------------------------------------------------------------------------------------

SLOPES_POINTS = {
    "slope": 1, "numerical_gradient": 2, "gradient_check": 2, "repair_mse": 1, "repair_gradients": 1,
    "repair_train": 2, "train_until": 3,
    "size_of_h": 0.5, "held_variable": 0.5, "error_of_one": 0.5, "which_rule_stops": 0.5,
}  # fmt: skip
SLOPES_UNTOUCHED = dict.fromkeys(SLOPES_POINTS, "not attempted") | {
    "repair_mse": "squares_the_prediction", "repair_gradients": "still_uphill", "repair_train": "hides_the_function",
}  # fmt: skip
# A recognised mistake costs its own points and no others: a later exercise that only carries it on passes.
SLOPES_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {},
    "dana": {"slope": "one_sided", "numerical_gradient": "one_sided_gradient"},
    "emil": {"repair_gradients": "still_uphill"},
    "fatima": {"numerical_gradient": "others_at_zero"},
    "goran": {"gradient_check": "absolute_error"},
    "hana": {"repair_mse": "squares_the_prediction"},
    "ivan": {"repair_train": "returns_an_empty_log"},
    "jana": {"size_of_h": "chose_a", "which_rule_stops": "missed_d"},
    "karl": {"train_until": "reason_not_reported"},
    "lena": {"numerical_gradient": "moves_params_and_back"},
    "milo": SLOPES_UNTOUCHED,
    "nora": {name: found for name, found in SLOPES_UNTOUCHED.items() if name not in ("slope", "numerical_gradient")}
    | {"gradient_check": "divides_zero_by_zero"},
    "omar": {},
}
SLOPES = DemoClass("02-slopes", SLOPES_POINTS, SLOPES_MISTAKES)

# 03-batches --------------------------------------------------------------------------------------------------------

BATCHES_POINTS = {
    "updates_per_epoch": 1, "minibatches": 3, "sgd_epoch": 2, "train_minibatch": 3, "largest_stable_lr": 3,
    "shuffled_epoch": 2,
    "counting_updates": 0.5, "cost_and_noise": 0.5, "why_it_blows_up": 0.5, "what_calms_it": 0.5,
}  # fmt: skip
BATCHES_UNTOUCHED = dict.fromkeys(BATCHES_POINTS, "not attempted") | {"shuffled_epoch": "still_torn"}
BATCHES_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {},
    "dana": {"updates_per_epoch": "rounds_down"},
    "emil": {"minibatches": "drops_the_short_batch"},
    "fatima": {"train_minibatch": "same_order_each_epoch"},
    "goran": {"largest_stable_lr": "takes_one_over"},
    "hana": {"train_minibatch": "trains_on_the_whole_set"},
    "ivan": {"shuffled_epoch": "shuffles_nothing"},
    "jana": {"counting_updates": "chose_b", "cost_and_noise": "missed_c"},
    "milo": BATCHES_UNTOUCHED,
    "nora": {
        name: found for name, found in BATCHES_UNTOUCHED.items() if name not in ("updates_per_epoch", "minibatches")
    }
    | {"sgd_epoch": "restarts_for_each_batch"},
}
BATCHES = DemoClass("03-batches", BATCHES_POINTS, BATCHES_MISTAKES)

# 04-autograd -------------------------------------------------------------------------------------------------------

AUTOGRAD_POINTS = {
    "forward": 1, "criterion": 1, "autograd_gradients": 2, "step": 3, "train_batch": 3, "train_stochastic": 3,
    "settle": 1, "improve": 1, "descend": 1,
    "what_is_in_grad": 0.5, "who_gets_a_gradient": 0.5, "ways_to_update": 0.5, "one_at_a_time": 0.5,
}  # fmt: skip
AUTOGRAD_BUGS = {"settle": "still_adds_up", "improve": "still_rebinds", "descend": "still_grows"}
# The programs to repair call forward, which Milo has not written.
AUTOGRAD_UNTOUCHED = dict.fromkeys(AUTOGRAD_POINTS, "not attempted") | dict.fromkeys(AUTOGRAD_BUGS, "raised")
# Chen's and Emil's mistakes are carried on by what calls them, which costs nothing.
AUTOGRAD_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {"criterion": "sums"},
    "dana": {"autograd_gradients": "accumulates"},
    "emil": {"step": "gradients_add_up"},
    "fatima": {"train_batch": "keeps_all_graphs"},
    "goran": {"train_stochastic": "records_the_last_point"},
    "hana": {"train_batch": "retains_the_first_graph"},
    "ivan": {"settle": "repairs_b_only", "improve": "loses_requires_grad", "descend": "adds_up_instead"},
    "jana": {"what_is_in_grad": "chose_c", "ways_to_update": "missed_e"},
    "milo": AUTOGRAD_UNTOUCHED,
    "nora": {
        name: found
        for name, found in (AUTOGRAD_UNTOUCHED | AUTOGRAD_BUGS).items()
        if name not in ("forward", "criterion", "autograd_gradients")
    }
    | {"step": "does_not_move"},
}
AUTOGRAD = DemoClass("04-autograd", AUTOGRAD_POINTS, AUTOGRAD_MISTAKES)

# 05-tiny-autograd --------------------------------------------------------------------------------------------------

TINY_AUTOGRAD_POINTS = {
    "add": 1, "mul": 2, "power": 1, "tanh": 1, "topological_order": 3, "backward": 3, "divide": 1, "train_neuron": 2,
    "share_of_a_product": 0.5, "equals_for_plus": 0.5, "topological": 0.5, "price_of_a_gradient": 0.5,
}  # fmt: skip
TINY_AUTOGRAD_UNTOUCHED = dict.fromkeys(TINY_AUTOGRAD_POINTS, "not attempted") | {"divide": "right_at_one"}
# Each rung is checked alone: a wrong one costs its own points, whatever is built on it.
TINY_AUTOGRAD_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {"mul": "swapped"},
    "dana": {"backward": "overwrites"},
    "emil": {"topological_order": "root_first"},
    "fatima": {"topological_order": "visits_twice", "divide": "right_at_one"},
    "goran": {"backward": "no_seed"},
    "hana": {"train_neuron": "accumulates"},
    "ivan": {"backward": "parents_before_children"},
    "jana": {"share_of_a_product": "chose_b", "topological": "missed_b"},
    "milo": TINY_AUTOGRAD_UNTOUCHED,
    "nora": {
        name: found
        for name, found in TINY_AUTOGRAD_UNTOUCHED.items()
        if name not in ("add", "mul", "power", "backward")
    }
    | {"tanh": "squares_the_argument"},
}
TINY_AUTOGRAD = DemoClass("05-tiny-autograd", TINY_AUTOGRAD_POINTS, TINY_AUTOGRAD_MISTAKES)

# 06-curves ---------------------------------------------------------------------------------------------------------

CURVES_POINTS = {
    "quadratic": 1, "rmse": 1, "step": 2, "fit": 3, "fit_with_optim": 2, "standardize": 2, "forecast": 2,
    "why_c_stands_still": 0.5, "looks_fitted": 0.5, "what_standardizing_changes": 0.5, "what_the_optimizer_sees": 0.5,
}  # fmt: skip
CURVES_UNTOUCHED = dict.fromkeys(CURVES_POINTS, "not attempted") | {"forecast": "still_scales_by_itself"}
# Chen's and Emil's mistakes are carried on by what calls them, which costs nothing.
CURVES_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {"quadratic": "reversed_order"},
    "dana": {"rmse": "mean_of_roots"},
    "emil": {"step": "gradient_not_reset"},
    "fatima": {"fit": "trains_start_itself"},
    "goran": {"standardize": "divides_by_n_minus_1"},
    "hana": {"standardize": "scales_new_data_by_itself"},
    "ivan": {"fit_with_optim": "forgets_zero_grad", "forecast": "only_the_mean_of_training"},
    "jana": {"why_c_stands_still": "chose_a", "what_standardizing_changes": "missed_c"},
    "milo": CURVES_UNTOUCHED,
    "nora": {name: found for name, found in CURVES_UNTOUCHED.items() if name not in ("quadratic", "rmse")}
    | {"step": "does_not_move"},
}
CURVES = DemoClass("06-curves", CURVES_POINTS, CURVES_MISTAKES)

# 07-jax-grad -------------------------------------------------------------------------------------------------------

JAX_GRAD_POINTS = {
    "predict": 1, "loss": 1, "loss_curve": 1, "loss_and_gradient": 2, "train_w": 2, "step": 2, "train": 1,
    "loss_and_worst": 1, "step_pytree": 2,
    "what_grad_makes": 0.5, "which_are_pure": 0.5, "when_does_it_stop": 0.5, "what_a_tracer_is": 0.5,
}  # fmt: skip
JAX_GRAD_UNTOUCHED = dict.fromkeys(JAX_GRAD_POINTS, "not attempted") | {
    "loss_curve": "says_numpy", "loss_and_worst": "returns_one_value",
}  # fmt: skip
# Chen's and Hana's mistakes are carried on by what calls them, which costs nothing. Dana's and Emil's end in an error
# whoever calls them, and then nobody can tell whether the caller is right.
JAX_GRAD_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {"predict": "exchanges_parameters"},
    "dana": {"loss_and_gradient": "with_respect_to_b_alone", "step": "raised", "train": "raised"},
    "emil": {"loss": "computes_with_numpy"}
    | dict.fromkeys(("loss_and_gradient", "train_w", "step", "train"), "raised"),
    "fatima": {"train_w": "float_equality"},
    "goran": {"step_pytree": "mutates"},
    "hana": {"loss": "reads_global_data"},
    "ivan": {"train": "keeps_state", "loss_and_worst": "still_writes_a_global"},
    "jana": {"which_are_pure": "chose_b", "when_does_it_stop": "missed_b"},
    "milo": JAX_GRAD_UNTOUCHED,
    "nora": {
        name: found
        for name, found in JAX_GRAD_UNTOUCHED.items()
        if name not in ("predict", "loss", "loss_and_gradient")
    }
    | {"loss_curve": "fills_a_jax_array", "step": "updates_in_turn"},
}
JAX_GRAD = DemoClass("07-jax-grad", JAX_GRAD_POINTS, JAX_GRAD_MISTAKES)

# 08-jax-transforms -------------------------------------------------------------------------------------------------

JAX_TRANSFORMS_POINTS = {
    "train_scan": 3, "sweep": 3, "hessian_bound": 2, "per_example_gradients": 2, "logged_epoch": 2,
    "what_compiles_again": 0.5, "side_effects": 0.5, "loops": 0.5, "order_of_transforms": 0.5,
}  # fmt: skip
JAX_TRANSFORMS_UNTOUCHED = dict.fromkeys(JAX_TRANSFORMS_POINTS, "not attempted") | {
    "logged_epoch": "prints_and_appends"
}
# Chen's and Ivan's mistakes in train_scan are carried on by sweep, which costs nothing.
JAX_TRANSFORMS_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {"train_scan": "python_loop"},
    "dana": {"sweep": "walks_side_by_side"},
    "emil": {"per_example_gradients": "means_first"},
    "fatima": {"sweep": "compiles_at_every_call"},
    "goran": {"logged_epoch": "prints_while_tracing"},
    "hana": {"hessian_bound": "takes_one_over"},
    "ivan": {"train_scan": "records_after_update", "logged_epoch": "fills_in_while_tracing"},
    "jana": {"what_compiles_again": "chose_a", "order_of_transforms": "missed_c"},
    "milo": JAX_TRANSFORMS_UNTOUCHED,
    "nora": {name: found for name, found in JAX_TRANSFORMS_UNTOUCHED.items() if name != "train_scan"}
    | {"sweep": "learning_rates_first"},
}
JAX_TRANSFORMS = DemoClass("08-jax-transforms", JAX_TRANSFORMS_POINTS, JAX_TRANSFORMS_MISTAKES)

# 09-optimizers -----------------------------------------------------------------------------------------------------

OPTIMIZERS_POINTS = {
    "momentum": 2, "nesterov": 2, "adagrad": 1, "rmsprop": 2, "adam": 3, "decayed_lr": 1, "race": 2, "train_line": 2,
    "first_step_of_adam": 0.5, "loss_in_other_units": 0.5, "what_beta_changes": 0.5, "turned_ravine": 0.5,
}  # fmt: skip
# The program to repair calls adam, which Milo has not written.
OPTIMIZERS_UNTOUCHED = dict.fromkeys(OPTIMIZERS_POINTS, "not attempted") | {"train_line": "raised"}
# Chen's and Ivan's mistakes in adam are carried on by the training, which costs nothing. Nora's divides by 0 there too.
OPTIMIZERS_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {"adam": "no_bias_correction"},
    "dana": {"momentum": "dampens", "nesterov": "dampens_nesterov"},
    "emil": {"adagrad": "epsilon_inside", "rmsprop": "epsilon_in_the_root"},
    "fatima": {"race": "shares_state", "train_line": "still_shares_t"},
    "goran": {"rmsprop": "kind"},
    "hana": {"momentum": "changed arguments", "decayed_lr": "exponential"},
    "ivan": {"momentum": "velocity_points_downhill", "adam": "keeps_the_corrected_means"},
    "jana": {"first_step_of_adam": "chose_d", "loss_in_other_units": "missed_d"},
    "milo": OPTIMIZERS_UNTOUCHED,
    "nora": {
        name: found
        for name, found in OPTIMIZERS_UNTOUCHED.items()
        if name not in ("momentum", "nesterov", "adagrad", "rmsprop")
    }
    | {"adam": "counts_from_0", "train_line": "not finite"},
}
OPTIMIZERS = DemoClass("09-optimizers", OPTIMIZERS_POINTS, OPTIMIZERS_MISTAKES)

# 10-capstone -------------------------------------------------------------------------------------------------------

CAPSTONE_POINTS = {
    "prepare": 2, "fit": 3, "fit_torch": 3, "fit_jax": 3, "progression": 2, "early_stopping": 3, "report": 2,
    "what_leaks": 0.5, "why_not_the_intercept": 0.5, "which_epoch": 0.5, "how_far_apart": 0.5,
}  # fmt: skip
CAPSTONE_UNTOUCHED = dict.fromkeys(CAPSTONE_POINTS, "not attempted") | {"progression": "still_of_unit_norm"}
CAPSTONE_MISTAKES = {
    "ada": {},
    "bela": {},
    "chen": {"prepare": "scales_before_the_split"},
    "dana": dict.fromkeys(("fit", "fit_torch", "fit_jax"), "penalizes_the_intercept"),
    "emil": {"early_stopping": "stops_on_the_training_loss"},
    "fatima": {"early_stopping": "keeps_no_copy"},
    "goran": {"fit_torch": "kind", "fit_jax": "in_single_precision"},
    "hana": {"early_stopping": "not_restored", "report": "keeps_the_intercept"},
    "ivan": {"fit_torch": "gradients_add_up", "progression": "multiplies_lr"},
    "jana": {"what_leaks": "chose_b", "which_epoch": "missed_d"},
    "milo": CAPSTONE_UNTOUCHED,
    "nora": {name: found for name, found in CAPSTONE_UNTOUCHED.items() if name != "prepare"}
    | {"fit": "forgets_the_penalty"},
}
CAPSTONE = DemoClass("10-capstone", CAPSTONE_POINTS, CAPSTONE_MISTAKES)

CLASSES = (
    FIVE_STEPS, SLOPES, BATCHES, AUTOGRAD, TINY_AUTOGRAD, CURVES, JAX_GRAD, JAX_TRANSFORMS, OPTIMIZERS, CAPSTONE,
)  # fmt: skip
