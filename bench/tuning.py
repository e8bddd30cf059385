# Optuna's TPESampler on the functions of tuning.mjs: prints {"name": [best of each seed]}. Called by tuning.mjs.
import json
import math
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
seeds, trials = int(sys.argv[1]), int(sys.argv[2])


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    return (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991], [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]


def hartmann6(trial):
    x = [trial.suggest_float(f"x{index}", 0, 1) for index in range(6)]
    return -sum(weight * math.exp(-sum(a * (each - p / 1e4) ** 2 for a, each, p in zip(row, x, centre))) for weight, row, centre in zip([1, 1.2, 3, 3.2], A, P))


def rosenbrock4(trial):
    x = [trial.suggest_float(f"x{index}", -2, 2) for index in range(4)]
    return sum(100 * (after - before**2) ** 2 + (1 - before) ** 2 for before, after in zip(x, x[1:]))


def ackley5(trial):
    x = [trial.suggest_float(f"x{index}", -20, 30) for index in range(5)]
    return 20 + math.e - 20 * math.exp(-0.2 * math.sqrt(sum(each * each for each in x) / 5)) - math.exp(sum(math.cos(2 * math.pi * each) for each in x) / 5)


def mixed5(trial):
    rate, units, depth = trial.suggest_float("rate", 1e-5, 1, log=True), trial.suggest_int("units", 8, 1024, log=True), trial.suggest_int("depth", 1, 12)
    off = {"adam": 0, "sgd": 0.4, "rmsprop": 0.2}[trial.suggest_categorical("optimizer", ["adam", "sgd", "rmsprop"])]
    dropout = trial.suggest_categorical("dropout", ["yes", "no"])
    return (math.log10(rate) + 2.6) ** 2 + 0.3 * (math.log2(units) - 6.3) ** 2 + 0.2 * abs(depth - 4) + off + (0 if dropout == "yes" else 0.3)


def best(function, seed):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(function, n_trials=trials)
    return study.best_value


print(json.dumps({function.__name__: [best(function, seed) for seed in range(seeds)] for function in (branin, hartmann6, rosenbrock4, ackley5, mixed5)}))
