"""Loops and their first and second derivatives, by JAX in float64: writes loops.json beside this file.

    python -m venv jax && jax/bin/pip install 'jax[cpu]==0.10.2' && jax/bin/python test/golden/loops.py

Of a case f(x1, x2, ...), a vector, with fixed random w (the shape of f) and v (the shapes of x):
    first  = gradient of L = sum(f * (w + f / 2));
    second = gradient of <first, v>, which is the Hessian of L times v.
"""

import json, zlib
from pathlib import Path
import jax, jax.numpy as jnp, numpy as np
from jax import lax

jax.config.update('jax_enable_x64', True)
cases = {}


def plain(a):
    return {'shape': list(np.shape(a)), 'values': [float(x) for x in np.asarray(a, dtype=np.float64).ravel()]}


def case(f, *shapes):
    rng = np.random.default_rng(zlib.crc32(f.__name__.encode()))
    draw = lambda shape: np.round(rng.uniform(-1, 1, shape), 3)
    x = [jnp.asarray(draw(shape)) for shape in shapes]
    v = [draw(shape) for shape in shapes]
    w = draw(jax.eval_shape(f, *x).shape)
    every = tuple(range(len(x)))
    value = lambda *x: (lambda y: jnp.sum(y * (w + y / 2)))(f(*x))
    first = jax.grad(value, every)
    along = lambda *x: sum(jnp.vdot(g, d) for g, d in zip(first(*x), v))
    result = {'x': x, 'v': v, 'w': [w], 'f': [f(*x)], 'first': first(*x), 'second': jax.grad(along, every)(*x)}
    assert all(np.isfinite(a).all() for part in result.values() for a in part), f.__name__
    cases[f.__name__] = {key: [plain(a) for a in part] for key, part in result.items()}


def numbered(x, A):
    return lax.fori_loop(0, 7, lambda i, x: jnp.sin(A @ x) + 0.1 * i * x, x)


def swapped(u, v):
    u, v = lax.fori_loop(0, 5, lambda i, c: (1.1 * c[1], c[0] + 0.3 * c[1] ** 2), (u, v))
    return jnp.concatenate([u, v])


def unchanged(a, b):
    a, b = lax.fori_loop(0, 4, lambda i, c: (c[0], c[0] * c[1]), (a, b))
    return jnp.concatenate([a, b])


def none(a):
    return lax.fori_loop(0, 0, lambda i, a: jnp.exp(a), a)


def once(a, b):
    return lax.fori_loop(0, 1, lambda i, a: jnp.exp(a) * b, a)


def recurrent(h, W, U, xs):
    def step(h, x):
        h = jnp.tanh(W @ h + U @ x)
        return h, h[:2] * x

    h, ys = lax.scan(step, h, xs)
    return jnp.concatenate([h, ys.ravel()])


def looked_up(c, W):
    step = lambda c, i: (jnp.tanh(c + W[i]), jnp.sum(c))
    c, ys = lax.scan(step, c, jnp.array([2, 0, 3, 2]))
    return jnp.concatenate([c, ys])


def counted(c):
    """An int32 carry beside one of floats: the weight of each iteration is a triangular number."""

    def step(carry, x):
        c, k, even = carry
        return (c + jnp.where(even, k, -k) * x**2, k + jnp.int32(x.size), ~even), k * x

    (c, _, _), ys = lax.scan(step, (c[0], jnp.int32(1), True), c)
    return jnp.concatenate([c, ys.ravel()])


def scan_in_fori(c, a, xs):
    def outer(i, c):
        c, ys = lax.scan(lambda c, x: (jnp.sin(c * x) + a, c * a), c, xs)
        return c + 0.1 * i * jnp.sum(ys, 0)

    return lax.fori_loop(0, 3, outer, c)


def fori_in_scan(c, a, xs):
    def outer(c, x):
        c = lax.fori_loop(0, 3, lambda j, c: 0.5 * c + jnp.tanh(a * x) + 0.1 * j * c**2, c)
        return c, c * x

    c, ys = lax.scan(outer, c, xs)
    return jnp.concatenate([c, ys.ravel()])


def descended(x, A):
    """Gradient descent, differentiated with respect to its start and to the function that it minimises."""
    loss = lambda x: jnp.sum((A @ x) ** 4) / 4 + jnp.sum(x**2)
    return lax.fori_loop(0, 6, lambda i, x: x - 0.1 * jax.grad(loss)(x), x)


case(numbered, [3], [3, 3])
case(swapped, [2], [2])
case(unchanged, [2], [2])
case(none, [2])
case(once, [2], [2])
case(recurrent, [3], [3, 3], [3, 2], [6, 2])
case(looked_up, [3], [4, 3])
case(counted, [4, 2])
case(scan_in_fori, [2], [2], [4, 2])
case(fori_in_scan, [2], [2], [4, 2])
case(descended, [3], [3, 3])

lines = ',\n'.join(f'  {json.dumps(name)}: {json.dumps(case, separators=(",", ":"))}' for name, case in cases.items())
Path(__file__).with_suffix('.json').write_text(f'{{"jax": "{jax.__version__}", "cases": {{\n{lines}\n}}}}\n')
