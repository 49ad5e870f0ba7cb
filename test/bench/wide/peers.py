"""The peers of the wide bench: `peers.py jax` or `peers.py torch THREADS`.

They are asked line by line on stdin: `{"name", "dtype", "start", "steps", "end"}` makes the steps from the arrays in the
file `start`, and gives on stdout `[spent on the steps, spent on the first call, of one step, or null]`, each `{"wall",
"cpu"}` in seconds. The arrays at the end go to the file `end`, unless it is null.
"""
import json
import sys
import time

import numpy as np

kind, *threads = sys.argv[1:]


def arrays(start, dtype):
    """State and data by name, a number with a fraction as `dtype`."""
    given = {"state": {}, "data": {}}
    for name, value in np.load(start).items():
        tree, name = name.split(".", 1)
        given[tree][name] = value.astype(dtype) if value.dtype.kind == "f" else value
    return given.values()


def nested(flat):
    """{"a.b": x} as {"a": {"b": x}}."""
    tree = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        at = tree
        for part in path:
            at = at.setdefault(part, {})
        at[last] = value
    return tree


def flat(tree, path=()):
    if not isinstance(tree, dict):
        return {".".join(path): tree}
    return {name: value for key, child in tree.items() for name, value in flat(child, (*path, key)).items()}


def with_jax(name, state, data):
    import jax
    import jax_networks
    import jax_science

    step = getattr(jax_networks, name, None) or getattr(jax_science, name)
    state, data = (jax.tree.map(jax.numpy.asarray, nested(tree)) for tree in (state, data))
    loop = jax.jit(
        lambda state, data, steps: jax.lax.fori_loop(0, steps, lambda k, state: step(state, data, k), state)
    )
    return lambda steps: flat(jax.block_until_ready(loop(state, data, steps)))


def with_torch(name, state, data):
    import torch
    import torch_projections
    import torch_steps

    torch.set_num_threads(int(threads[0]))
    step = getattr(torch_steps, name, None) or getattr(torch_projections, name)
    wide = {name: value.astype(np.int64) if value.dtype == np.int32 else value for name, value in data.items()}
    data = {name: torch.as_tensor(value) for name, value in wide.items()}

    def run(steps):
        now = {name: torch.tensor(value) for name, value in state.items()}
        for _ in range(steps):
            step(now, data)
        return {name: w.detach() for name, w in now.items() if isinstance(w, torch.Tensor)}

    return run


def timed(run, steps):
    begun, busy = time.perf_counter(), time.process_time()
    end = run(steps)
    return {"wall": time.perf_counter() - begun, "cpu": time.process_time() - busy}, end


if kind == "jax":
    import jax

    jax.block_until_ready(jax.jit(lambda x: x + 1)(1.0))
runs = {}
for line in sys.stdin:
    ask = json.loads(line)
    first = None
    if ask["start"] not in runs:
        make = {"jax": with_jax, "torch": with_torch}[kind]
        runs[ask["start"]] = make(ask["name"], *arrays(ask["start"], ask["dtype"]))
        first, _ = timed(runs[ask["start"]], 1)
    spent, end = timed(runs[ask["start"]], ask["steps"])
    if ask["end"]:
        np.savez(ask["end"], **{name: np.asarray(value) for name, value in end.items()})
    print(json.dumps([spent, first]), flush=True)
