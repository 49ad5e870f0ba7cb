"""Parameters along runs of optimisers, in double precision by optax: optimizers.json.

pip install jax optax, then: python test/golden/optimizers.py > test/golden/optimizers.json
The loss is sum(c (x - a)^4 / 4 + sin(x y)) + sum(y^2), so that gradients change along the run.
"""
import json

import jax
import jax.numpy as np
import optax

jax.config.update('jax_enable_x64', True)
c, a = np.array([1., 0.5, 2.]), np.array([0.5, -1., 1.5])
start = {'x': np.array([1., 0., -0.5]), 'y': np.array(0.75)}
steps = 25


def loss(params):
    x, y = params['x'], params['y']
    return (c * (x - a) ** 4 / 4 + np.sin(x * y)).sum() + y ** 2


runs = {
    'sgd': optax.sgd(0.05),
    'sgd, momentum': optax.sgd(0.05, momentum=0.75),
    'sgd, schedule': optax.sgd(lambda count: 0.25 / np.float64(count + 1), momentum=0.5),
    'adam': optax.adam(0.05),
    'adam, other constants': optax.adam(0.125, b1=0.75, b2=0.5, eps=0.25),
    'adamw': optax.adamw(0.05, weight_decay=0.01),
    'adamw, decay and schedule': optax.adamw(lambda count: 0.25 / np.sqrt(np.float64(count + 1)), weight_decay=0.5),
}


def run(optimizer):
    params, state, rows = start, optimizer.init(start), []
    for _ in range(steps):
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        params = optax.apply_updates(params, updates)
        rows.append([*map(float, params['x']), float(params['y'])])
    return rows


lines = [f'{json.dumps(name)}: {json.dumps(run(optimizer))}' for name, optimizer in runs.items()]
print('{\n' + ',\n'.join(lines) + '\n}')
