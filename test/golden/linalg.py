"""Values and derivatives of linear algebra, in double precision by JAX: linalg.json.

pip install jax, then: python test/golden/linalg.py > test/golden/linalg.json
Solvers read the lower triangle of a, so it is mirrored here before JAX's own functions see it. Inputs are multiples of
1/8, which both float32 and float64 hold exactly. The derivatives are vector-Jacobian and Hessian-vector products.
"""
import json

import jax
import jax.numpy as np
import numpy

jax.config.update('jax_enable_x64', True)
random = numpy.random.default_rng(0)


def draw(*shape):
    return numpy.round(8 * random.normal(size=shape)) / 8


def mirrored(a):
    return np.tril(a) + np.swapaxes(np.tril(a, -1), -1, -2)


def column(solve):
    return lambda a, b: solve(a, b[..., None])[..., 0] if b.ndim == a.ndim - 1 else solve(a, b)


def lstsq(a, b):
    tall = a.shape[-2] >= a.shape[-1]
    return np.linalg.solve(a.mT @ a, a.mT @ b) if tall else a.mT @ np.linalg.solve(a @ a.mT, b)


def turned(v, *others):
    """The columns with signs that make the first entry of v of at least 0.9 of its largest size positive."""
    sizes = np.abs(v)
    first = np.argmax(sizes >= 0.9 * sizes.max(-2, keepdims=True), -2)
    signs = np.sign(np.take_along_axis(v, first[..., None, :], -2))
    return [x * signs for x in (v, *others)]


def svd(a):
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    u, v = turned(u, vt.mT)
    return u, s, v


functions = {
    'choleskySolve': column(lambda a, b: np.linalg.solve(mirrored(a), b)),
    'lstsq': column(lstsq),
    'eigvalsh': lambda a: np.linalg.eigvalsh(mirrored(a), symmetrize_input=False),
    'cg': lambda a, b: np.linalg.solve(mirrored(a), b),
    'inverse': np.linalg.inv,
    'det': np.linalg.det,
    'slogdet.log': lambda a: np.linalg.slogdet(a)[1],
    'eigh.vectors': lambda a: turned(np.linalg.eigh(mirrored(a), symmetrize_input=False)[1])[0],
    'svd.u': lambda a: svd(a)[0],
    'svd.s': lambda a: svd(a)[1],
    'svd.v': lambda a: svd(a)[2],
}


def definite(*batch, n):
    return draw(*batch, n, n) / 2 + 2 * n * numpy.eye(n)


cases = [
    ('choleskySolve', 'a vector', [definite(n=5), draw(5)]),
    ('choleskySolve', 'columns', [definite(n=5), draw(5, 3)]),
    ('choleskySolve', 'a batch of vectors', [definite(2, 3, n=4), draw(2, 3, 4)]),
    ('choleskySolve', 'a batch of columns', [definite(2, n=9), draw(2, 9, 2)]),
    ('lstsq', 'tall, a vector', [draw(7, 3), draw(7)]),
    ('lstsq', 'tall, a batch of columns', [draw(2, 6, 3), draw(2, 6, 2)]),
    ('lstsq', 'wide, a vector', [draw(3, 7), draw(3)]),
    ('lstsq', 'wide, a batch of columns', [draw(2, 3, 6), draw(2, 3, 2)]),
    ('lstsq', 'square', [draw(4, 4) + 4 * numpy.eye(4), draw(4)]),
    ('eigvalsh', 'one matrix', [draw(5, 5) + numpy.diag(3. * numpy.arange(5))]),
    ('eigvalsh', 'a batch', [draw(2, 9, 9) + numpy.diag(3. * numpy.arange(9))]),
    ('cg', 'a vector', [definite(n=5), draw(5)]),
    *[(f, name, [a]) for f in ['inverse', 'det', 'slogdet.log'] for name, a in [
        ('one matrix', draw(4, 4) + 2 * numpy.eye(4)),
        ('a determinant below 0', numpy.flip(draw(3, 3) / 4 + 2 * numpy.eye(3), 0)),
        ('a batch', draw(2, 3, 3) + 3 * numpy.eye(3)),
    ]],
    ('eigh.vectors', 'one matrix', [draw(5, 5) / 2 + numpy.diag(3. * numpy.arange(5))]),
    ('eigh.vectors', 'a batch', [draw(2, 4, 4) / 4 + numpy.diag(3. * numpy.arange(4))]),
    *[(f, name, [a]) for f in ['svd.u', 'svd.s', 'svd.v'] for name, a in [
        ('tall', draw(6, 3) / 4 + numpy.eye(6, 3) * [1, 3, 6]),
        ('wide', draw(3, 6) / 4 + numpy.eye(3, 6) * [1, 3, 6, 0, 0, 0]),
        ('a batch', draw(2, 4, 4) / 4 + numpy.diag([9, 2, 6, 4])),
    ]],
]


def measured(function, inputs):
    """With F = sum(weights * f^2): f; dF for all inputs; and twice more, the gradient of <last gradient, direction>."""
    f = functions[function]
    inputs = tuple(map(np.asarray, inputs))
    weights = draw(*f(*inputs).shape)
    directions = [draw(*x.shape) for x in inputs]
    arguments = tuple(range(len(inputs)))
    along = lambda g: lambda *xs: sum((d * y).sum() for d, y in zip(directions, g(*xs)))
    first = jax.jit(jax.grad(lambda *xs: (weights * f(*xs) ** 2).sum(), arguments))
    second = jax.jit(jax.grad(along(first), arguments))
    third = jax.jit(jax.grad(along(second), arguments))
    listed = lambda arrays: [numpy.asarray(a).tolist() for a in arrays]
    return {
        'inputs': listed(inputs),
        'weights': weights.tolist(),
        'directions': listed(directions),
        'value': f(*inputs).tolist(),
        'first': listed(first(*inputs)),
        'second': listed(second(*inputs)),
        'third': listed(third(*inputs)),
    }


lines = [json.dumps({'f': f, 'name': name, **measured(f, inputs)}) for f, name, inputs in cases]
print('[\n' + ',\n'.join(lines) + '\n]')
