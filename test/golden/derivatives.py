"""First and second derivatives of every operation, by JAX in float64: writes derivatives.json beside this file.

    python -m venv jax && jax/bin/pip install 'jax[cpu]==0.10.2' && jax/bin/python test/golden/derivatives.py

Of a case f(x1, x2, ...) at a smooth point, with fixed random w (the shape of f) and v (the shapes of x):
    first  = gradient of L = sum(f * (w + f / 2)), so that a linear f has a second derivative too;
    second = gradient of <first, v>, which is the Hessian of L times v.
Of an edge (a kink, a jump, a pole): f(x) entry by entry, first = f', second = f''.
"""

import json, zlib
from pathlib import Path
import jax, jax.numpy as jnp, numpy as np
from jax import lax, nn

jax.config.update('jax_enable_x64', True)
cases, edges = {}, {}


def numbers(a):
    return [float(x) if np.isfinite(x) else str(float(x)) for x in np.asarray(a, dtype=np.float64).ravel()]


def plain(a):
    return {'shape': list(np.shape(a)), 'values': numbers(a)}


def case(name, f, *domains):
    """domains: (shape, low, high) of each input; its numbers have 3 digits, the same in JSON."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    draw = lambda shape, low, high: np.round(rng.uniform(low, high, shape), 3)
    x = [draw(*domain) for domain in domains]
    v = [draw(a.shape, -1, 1) for a in x]
    w = draw(jax.eval_shape(f, *x).shape, -1, 1)
    every = tuple(range(len(x)))
    value = lambda *x: (lambda y: jnp.sum(y * (w + y / 2)))(f(*x))
    first = jax.jit(jax.grad(value, every))
    along = lambda *x: sum(jnp.vdot(g, d) for g, d in zip(jax.grad(value, every)(*x), v))
    second = jax.jit(jax.grad(along, every))
    result = {'x': x, 'v': v, 'w': [w], 'first': first(*x), 'second': second(*x)}
    assert all(np.isfinite(a).all() for part in result.values() for a in part), name
    cases[name] = {key: [plain(a) for a in part] for key, part in result.items()}


def edge(name, f, *columns):
    """columns: the values of each argument, entry by entry; derivatives are with respect to the first."""
    x = [jnp.asarray(column, dtype=jnp.float64) for column in columns]
    one = lambda a, *rest: f(a, *rest)
    first, second = jax.vmap(jax.grad(one))(*x), jax.vmap(jax.grad(jax.grad(one)))(*x)
    edges[name] = {'x': [numbers(a) for a in x], 'first': numbers(first), 'second': numbers(second)}


S, U, P = ([3, 4], -3, 3), ([3, 4], 0.1, 0.9), ([3, 4], 0.2, 2)

for name, f, domain in [
    ('acos', jnp.arccos, U),
    ('acosh', lambda x: jnp.arccosh(x + 1), P),
    ('asin', jnp.arcsin, U),
    ('asinh', jnp.arcsinh, S),
    ('atan', jnp.arctan, S),
    ('atanh', jnp.arctanh, U),
    ('cos', jnp.cos, S),
    ('cosh', jnp.cosh, S),
    ('erf', jax.scipy.special.erf, S),
    ('exp', jnp.exp, S),
    ('expm1', jnp.expm1, S),
    ('log', jnp.log, P),
    ('log1p', jnp.log1p, P),
    ('logSigmoid', nn.log_sigmoid, S),
    ('neg', jnp.negative, S),
    ('reciprocal', lambda x: 1 / x, P),
    ('rsqrt', lax.rsqrt, P),
    ('sigmoid', nn.sigmoid, S),
    ('sin', jnp.sin, S),
    ('sinh', jnp.sinh, S),
    ('softplus', nn.softplus, S),
    ('sqrt', jnp.sqrt, P),
    ('square', jnp.square, S),
    ('tan', jnp.tan, U),
    ('tanh', jnp.tanh, S),
    ('abs', jnp.abs, S),
    ('relu', nn.relu, S),
    ('relu6', lambda x: nn.relu6(3 * x), S),
    ('elu', nn.elu, S),
    ('selu', nn.selu, S),
    ('leakyRelu', lambda x: nn.leaky_relu(x, 0.25), S),
    ('clipByValue', lambda x: jnp.clip(x, -1, 1), S),
    ('softmax', nn.softmax, S),
    ('logSoftmax', nn.log_softmax, S),
    ('softmaxOfProduct', lambda x: nn.softmax(x * x), S),
    ('floor', lambda x: x * jnp.floor(x), S),
    ('ceil', lambda x: x * jnp.ceil(x), S),
    ('round', lambda x: x * jnp.round(x), S),
    ('sign', lambda x: x * jnp.sign(x), S),
    ('step', lambda x: x * jnp.where(x > 0, 1, 0.25), S),
    ('castInt', lambda x: x * jnp.trunc(x), S),
    ('castBool', lambda x: x * (x != 0), S),
    (
        'comparisons',
        lambda x: x * ((x > 1) + 2.0 * (x < 1) + 3.0 * (x >= -1) + 4.0 * (x <= -1) + 5.0 * (x == 1) + 6.0 * (x != 1)),
        S,
    ),
    ('logic', lambda x: x * (((x > 1) | (x < -1)) & ~(x > 2)), S),
    ('allAny', lambda x: x * (jnp.all(x > -2.9, 0) + 2.0 * jnp.any(x > 2, 0)), S),
    ('stepFunctionsOfFinite', lambda x: x * 3, S),
    ('argMax', lambda x: x[jnp.argmax(x, 0), jnp.arange(4)] * x, S),
    ('gatherAtArgMax', lambda x: x[jnp.argmax(x, 0)], S),
    ('onesLike', lambda x: x * 1, S),
    ('zerosLike', lambda x: x + 0, S),
    ('clone', lambda x: x * x, S),
]:
    case(name, f, domain)

pair = [
    ('add', jnp.add, S, S),
    ('sub', jnp.subtract, S, S),
    ('mul', jnp.multiply, S, S),
    ('div', jnp.divide, S, P),
    ('pow', jnp.power, P, S),
    ('maximum', jnp.maximum, S, S),
    ('minimum', jnp.minimum, S, S),
    ('squaredDifference', lambda a, b: (a - b) ** 2, S, S),
    ('atan2', jnp.arctan2, S, P),
    ('mod', jnp.mod, S, P),
    ('floorDiv', lambda a, b: jnp.floor_divide(a, b) * a * b, S, P),
    ('divNoNan', jnp.divide, S, P),
    ('prelu', lambda x, a: jnp.where(x >= 0, x, a * x), S, P),
]
for name, f, a, b in pair:
    case(name, f, a, b)
    case(name + 'Broadcast', f, *((a, ([4], *b[1:])) if name == 'prelu' else (([3, 1], *a[1:]), ([2, 1, 4], *b[1:]))))
case('powBase', lambda x: x**3 - x**2 + 2 * x**1, S)
case('powExponent', lambda x: 1.5**x, S)
case('powHalf', lambda x: jnp.power(x, 0.5) + jnp.power(x, -1.5), P)
case('powSelf', lambda x: jnp.power(x, x), P)
case('where', lambda a, b: jnp.where(a > b, a * b, b * b), S, S)
case('whereBroadcast', lambda a, b: jnp.where(jnp.asarray([True, False, True, True]), a, b), S, ([3, 1], -1, 1))
case('addN', lambda a, b: a + b + a, S, S)
case('sameTwice', lambda x: x * x + x / (x + 4) + jnp.maximum(x, x * x), S)

C = ([2, 3, 2], 0.3, 2)
for tag, axes, keep in [
    ('All', None, False),
    ('First', 0, True),
    ('Last', -1, False),
    ('Ends', (0, 2), True),
    ('Rows', (1, 2), False),
]:
    for name, f in [
        ('sum', jnp.sum),
        ('mean', jnp.mean),
        ('max', jnp.max),
        ('min', jnp.min),
        ('prod', jnp.prod),
        ('logSumExp', nn.logsumexp),
    ]:
        case(name + tag, lambda x: f(x, axis=axes, keepdims=keep), C)
case('variance', lambda x: jnp.var(x, 0), S)
case('momentsAll', lambda x: jnp.stack([jnp.mean(x), jnp.var(x)]), S)
for name, order, axis in [
    ('norm', 2, None),
    ('norm1', 1, 0),
    ('normInf', jnp.inf, 1),
    ('normMinusInf', -jnp.inf, 1),
    ('normAxis', 2, 1),
    ('norm3', 3, 0),
]:
    case(
        name,
        lambda x: (
            jnp.linalg.norm(x.ravel() if axis is None else x, order, axis)
            if order != 3
            else jnp.sum(x**3, 0) ** (1 / 3)
        ),
        P if order == 3 else S,
    )
for name, f in [('cumsum', jnp.cumsum), ('cumprod', jnp.cumprod)]:
    for tag, axis, exclusive, reverse in [
        ('Plain', 0, False, False),
        ('Exclusive', 1, True, False),
        ('Reverse', 2, False, True),
        ('Both', 0, True, True),
    ]:

        def run(x):
            x = jnp.flip(x, axis) if reverse else x
            if exclusive:
                first = lax.slice_in_dim(x, 0, 1, axis=axis)
                x = jnp.concatenate(
                    [jnp.full_like(first, 0 if name == 'cumsum' else 1), lax.slice_in_dim(x, 0, -1, axis=axis)], axis
                )
            return jnp.flip(f(x, axis), axis) if reverse else f(x, axis)

        case(name + tag, run, C)
case('cumsumSquare', lambda x: jnp.cumsum(x, 0), ([3, 3], -1, 1))
zeros = jnp.asarray([[1.0, 0, 2, 3], [0, 4, 0, 1], [2, 2, 1, 1]])
case('prodWithZeros', lambda x: jnp.prod(x * zeros, 1), S)
case('cumprodWithZeros', lambda x: jnp.cumprod(x * zeros, 1), S)
case('topk', lambda x: lax.top_k(x, 2)[0], S)
case('topkIndices', lambda x: jnp.take_along_axis(x * x, lax.top_k(x, 2)[1], 1), S)

for ta in [False, True]:
    for tb in [False, True]:
        f = lambda a, b: (jnp.swapaxes(a, -1, -2) if ta else a) @ (jnp.swapaxes(b, -1, -2) if tb else b)
        end = f'{"T" if ta else "N"}{"T" if tb else "N"}'
        case('matMul' + end, f, ([3, 2] if ta else [2, 3], -1, 1), ([4, 3] if tb else [3, 4], -1, 1))
        case('batchMatMul' + end, f, ([2, 3, 2] if ta else [2, 2, 3], -1, 1), ([2, 4, 3] if tb else [2, 3, 4], -1, 1))
case('matMulBroadcast', jnp.matmul, ([2, 2, 3], -1, 1), ([1, 3, 2], -1, 1))
case('fusedMatMul', lambda a, b, c: nn.relu(a @ b + c), ([2, 3], -1, 1), ([3, 4], -1, 1), ([4], -1, 1))
case('fusedMatMulLinear', lambda a, b, c: a @ b + c, ([2, 3], -1, 1), ([3, 4], -1, 1), ([4], -1, 1))
case('dot', jnp.dot, ([4], -1, 1), ([4], -1, 1))
case('dotMatrixVector', jnp.dot, S, ([4], -1, 1))
case('outerProduct', jnp.outer, ([3], -1, 1), ([4], -1, 1))
for name, equation, *shapes in [
    ('Product', 'ij,jk->ik', [2, 3], [3, 4]),
    ('Batch', 'bij,bkj->bik', [2, 2, 3], [2, 2, 3]),
    ('Sum', 'ij->j', [2, 3]),
    ('Trace', 'ij,ij->', [2, 3], [2, 3]),
    ('Outer', 'i,j->ij', [2], [3]),
    ('Transpose', 'ij->ji', [2, 3]),
    ('Alone', 'ij,k->i', [2, 3], [4]),
    ('Diagonal', 'ii->i', [3, 3]),
    ('DiagonalSum', 'ii->', [3, 3]),
    ('DiagonalProduct', 'iij,ij->j', [2, 2, 3], [2, 3]),
    ('DiagonalTwice', 'iijj,ji->ij', [2, 2, 3, 3], [3, 2]),
    ('DiagonalLost', 'iij,k->k', [2, 2, 3], [2]),
    ('Dots', '...ij,...jk->...ik', [2, 2, 3], [2, 3, 2]),
    ('DotsBroadcast', '...ij,...jk->...ik', [2, 1, 2, 3], [3, 3, 2]),
    ('DotsOne', '...i->...', [2, 2, 3]),
    ('DotsMiddle', 'i...j,j->...i', [2, 2, 2, 3], [3]),
    ('DotsDiagonal', '...ii,...->...i', [2, 3, 3], [1]),
]:
    case('einsum' + name, lambda *x: jnp.einsum(equation, *x), *[(shape, -1, 1) for shape in shapes])
case('einsumDiagonalMade', jnp.diag, ([3], -1, 1))
case('diag', lambda x: jnp.diag(x.ravel()), ([2, 2], -1, 1))

case('concat', lambda a, b: jnp.concatenate([a, b, a], 1), S, ([3, 2], -1, 1))
case('stack', lambda a, b: jnp.stack([a, b], 1), S, S)
case('stackLast', lambda a, b: jnp.stack([a, b], -1), S, S)
case('split', lambda x: jnp.multiply(*jnp.split(x, 2, 1)), S)
case('splitLast', lambda x: x[:, :1] * x[:, 1:], S)
case('splitOne', lambda x: x * 2, S)
case('unstack', lambda x: x[0] * x[1] - x[2], S)
case('unstackPartly', lambda x: x[:, 1] * 2, S)
case('unstackOne', lambda x: x[0] * 2, ([1, 4], -1, 1))
case('slice', lambda x: x[1:, :3], S)
case('stridedSlice', lambda x: x[0:3:2, 3:0:-2], S)
case('stridedSliceMasks', lambda x: x[1, None, ::2], S)
indices = jnp.asarray([2, 0, 1, 2])
case('gather', lambda x: jnp.take(x, indices, 1), S)
case('gatherRows', lambda x: jnp.take(x, indices, 0), ([3, 2, 2], -1, 1))
case('gatherMiddle', lambda x: jnp.take(x, jnp.asarray([[1, 0], [2, 2]]), 1), ([2, 3, 2], -1, 1))
case(
    'gatherBatch',
    lambda x: jnp.take_along_axis(x, jnp.asarray([[2, 0, 2, 1], [1, 1, 0, 0]])[:, :, None], 1),
    ([2, 3, 2], -1, 1),
)
case(
    'gatherBatchLater',
    lambda x: jnp.stack([x[0][:, jnp.asarray([1, 0, 1])], x[1][:, jnp.asarray([0, 0, 1])]]),
    ([2, 3, 2], -1, 1),
)
case('gatherND', lambda x: x[jnp.asarray([0, 2, 0]), jnp.asarray([1, 3, 1])], S)
case('gatherNDOne', lambda x: x[2, 1], S)
case('gatherNDOneRow', lambda x: x[2], S)
case('gatherNDRows', lambda x: x[jnp.asarray([2, 0, 2])], S)
case('scatterND', lambda x: jnp.zeros([3, 4]).at[jnp.asarray([2, 0])].add(x), ([2, 4], -1, 1))
case('scatterNDTwice', lambda x: jnp.zeros([3, 4]).at[jnp.asarray([2, 2])].add(x), ([2, 4], -1, 1))
case('tensorScatterUpdate', lambda a, b: a.at[jnp.asarray([2, 0])].set(b), S, ([2, 4], -1, 1))
case('sparseToDense', lambda a, b: jnp.full([5], b).at[jnp.asarray([1, 3])].set(a), ([2], -1, 1), ([], -1, 1))
case(
    'sparseToDense2',
    lambda a, b: jnp.full([2, 3], b).at[jnp.asarray([0, 1]), jnp.asarray([1, 2])].set(a),
    ([2], -1, 1),
    ([], -1, 1),
)
case('bincount', lambda x: jnp.zeros(3).at[jnp.asarray([2, 0, 5, 2])].add(x, mode='drop'), ([4], -1, 1))
case('segmentSum', lambda x: jax.ops.segment_sum(x, indices, 3), ([4, 2], -1, 1))
case('segmentSumNegative', lambda x: jax.ops.segment_sum(x, jnp.asarray([1, 7, 0, 7]), 3), ([4, 2], -1, 1))
case('pad', lambda x: jnp.pad(x, [[1, 0], [0, 2]], constant_values=0.5), S)
case('mirrorPadReflect', lambda x: jnp.pad(x, [[2, 1], [0, 3]], 'reflect'), S)
case('mirrorPadSymmetric', lambda x: jnp.pad(x, [[3, 1], [2, 0]], 'symmetric'), S)
case('mirrorPadVector', lambda x: jnp.pad(x, [[2, 1]], 'reflect'), ([3], -1, 1))
case('tile', lambda x: jnp.tile(x, [2, 3]), ([2, 3], -1, 1))
case('tileFive', lambda x: jnp.tile(x, [2, 1, 1, 2, 1]), ([1, 2, 1, 2, 1], -1, 1))
case('transpose', lambda x: jnp.transpose(x, [2, 0, 1]), C)
case('transposeMatrix', lambda x: x.T, S)
case('reverse', lambda x: jnp.flip(x, 1), S)
case('reverseAll', lambda x: jnp.flip(x), S)
case('reshape', lambda x: x.reshape(4, 3)[:, None].squeeze(1) * jnp.arange(3.0), S)
case('broadcastTo', lambda x: jnp.broadcast_to(x, [2, 3, 4]), ([3, 1], -1, 1))
case(
    'spaceToBatch',
    lambda x: x.reshape(1, 2, 2, 2, 2, 1).transpose(2, 4, 0, 1, 3, 5).reshape(4, 2, 2, 1),
    ([1, 4, 4, 1], -1, 1),
)
case(
    'batchToSpace',
    lambda x: x.reshape(2, 2, 1, 2, 2, 1).transpose(2, 3, 0, 4, 1, 5).reshape(1, 4, 4, 1),
    ([4, 2, 2, 1], -1, 1),
)
case(
    'depthToSpace',
    lambda x: x.reshape(1, 2, 2, 2, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(1, 4, 4, 1),
    ([1, 2, 2, 4], -1, 1),
)
case('flipLeftRight', lambda x: x[:, :, ::-1], ([1, 2, 3, 1], -1, 1))

conv = lambda x, f, stride, pad, **more: lax.conv_general_dilated(
    x,
    f,
    (stride,) * (x.ndim - 2),
    pad,
    dimension_numbers=(
        ('NHWC', 'HWIO', 'NHWC')
        if x.ndim == 4
        else ('NDHWC', 'DHWIO', 'NDHWC') if x.ndim == 5 else ('NWC', 'WIO', 'NWC')
    ),
    **more,
)
X, F = ([1, 4, 4, 2], -1, 1), ([2, 2, 2, 2], -1, 1)
for stride in [1, 2]:
    for pad in ['SAME', 'VALID']:
        end = f'{stride}{pad.title()}'
        case('conv2d' + end, lambda x, f: conv(x, f, stride, pad), X, F)
        case('conv1d' + end, lambda x, f: conv(x, f, stride, pad), ([2, 5, 2], -1, 1), ([2, 2, 2], -1, 1))
        case('depthwise' + end, lambda x, f: conv(x, f.reshape(2, 2, 1, 4), stride, pad, feature_group_count=2), X, F)
        small = conv(jnp.zeros([1, 4, 4, 2]), jnp.zeros([2, 2, 2, 2]), stride, pad).shape
        case(
            'conv2dTranspose' + end,
            lambda x, f: jax.vjp(lambda y: conv(y, f, stride, pad), jnp.zeros([1, 4, 4, 2]))[1](x)[0],
            (list(small), -1, 1),
            F,
        )
        window = lambda x, init, op: lax.reduce_window(
            x, init, op, (1,) + (2,) * (x.ndim - 2) + (1,), (1,) + (stride,) * (x.ndim - 2) + (1,), pad
        )
        case('maxPool' + end, lambda x: window(x, -jnp.inf, lax.max), X)
        case('avgPool' + end, lambda x: window(x, 0.0, lax.add) / window(jnp.ones(x.shape), 0.0, lax.add), X)
        V = ([1, 3, 3, 3, 1], -1, 1)
        case('conv3d' + end, lambda x, f: conv(x, f, stride, pad), V, ([2, 2, 2, 1, 2], -1, 1))
        case('avgPool3d' + end, lambda x: window(x, 0.0, lax.add) / window(jnp.ones(x.shape), 0.0, lax.add), V)
case(
    'separableConv2d',
    lambda x, d, p: conv(conv(x, d.reshape(2, 2, 1, 4), 1, 'SAME', feature_group_count=2), p, 1, 'VALID'),
    X,
    F,
    ([1, 1, 4, 2], -1, 1),
)
case('fusedConv2d', lambda x, f, b: nn.relu(conv(x, f, 1, 'SAME') + b), X, F, ([2], -1, 1))
case(
    'fusedDepthwise',
    lambda x, f, b: nn.relu(conv(x, f.reshape(2, 2, 1, 4), 1, 'SAME', feature_group_count=2) + b),
    X,
    F,
    ([4], -1, 1),
)


def bilinear(n, m):
    at = np.arange(m) * n / m
    low = np.floor(at).astype(int)
    a = np.zeros([m, n])
    for i in range(m):
        a[i, low[i]] += 1 - (at[i] - low[i])
        a[i, min(low[i] + 1, n - 1)] += at[i] - low[i]
    return jnp.asarray(a)


case('resizeBilinear', lambda x: jnp.einsum('ih,jw,nhwc->nijc', bilinear(4, 3), bilinear(4, 6), x), X)
case('resizeNearest', lambda x: x[:, jnp.asarray([0, 1, 2])][:, :, jnp.asarray([0, 0, 1, 2, 2, 3])], X)
half = lambda how, *size: lambda x: jax.image.resize(x, (1, *size, 2), how, antialias=False)
for tag, size in [('Up', (6, 7)), ('Down', (3, 2)), ('Mixed', (2, 6))]:
    case('resizeBilinearHalf' + tag, half('bilinear', *size), X)
    case('resizeNearestHalf' + tag, half('nearest', *size), X)
corners = lambda n, m: jnp.asarray(np.maximum(0, 1 - np.abs(np.linspace(0, n - 1, m)[:, None] - np.arange(n))))
case('resizeBilinearCorners', lambda x: jnp.einsum('ih,jw,nhwc->nijc', corners(4, 3), corners(4, 6), x), X)
case('resizeNearestCorners', lambda x: x[:, jnp.asarray([0, 2, 3])][:, :, jnp.asarray([0, 1, 1, 2, 2, 3])], X)
normal = lambda x, m, v, s=1.0, o=0.0: s * (x - m) / jnp.sqrt(v + 0.01) + o
B = [([2], -1, 1), ([2], 0.5, 2), ([2], -1, 1), ([2], 0.5, 2)]
case('batchNorm', lambda x, m, v, o, s: normal(x, m, v, s, o), X, *B)
case('batchNormPlain', lambda x, m, v: normal(x, m, v), X, *B[:2])

mean = lambda x: jnp.mean(x)
one_hot = jnp.asarray([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]])
soft = lambda l, x: -jnp.sum(l * nn.log_softmax(x), -1)
binary = lambda l, x: nn.softplus(x) - l * x
case('absoluteDifference', lambda a, b: mean(jnp.abs(a - b)), S, S)
case('meanSquaredError', lambda a, b: mean((a - b) ** 2), S, S)
case('meanSquaredErrorWeighted', lambda a, b, w: mean(w * (a - b) ** 2), S, S, P)
case('cosineDistance', lambda a, b: mean(1 - jnp.sum(a * b, 1)), S, S)
case('hingeLoss', lambda x: mean(nn.relu(1 - (2 * one_hot - 1) * x)), S)
case('huberLoss', lambda a, b: mean(jnp.where(jnp.abs(a - b) < 1, (a - b) ** 2 / 2, jnp.abs(a - b) - 0.5)), S, S)
case('logLoss', lambda a, b: mean(-a * jnp.log(b + 1e-7) - (1 - a) * jnp.log(1 - b + 1e-7)), U, U)
case('sigmoidCrossEntropy', lambda a, x: mean(binary(a, x)), U, S)
case('sigmoidCrossEntropySmoothed', lambda a, x: mean(binary(a * 0.9 + 0.05, x)), U, S)
case('softmaxCrossEntropy', lambda a, x: mean(soft(a, x)), U, S)
case('softmaxCrossEntropySmoothed', lambda a, x: mean(soft(a * 0.9 + 0.025, x)), U, S)
case('softmaxCrossEntropyOneHot', lambda x: mean(soft(one_hot, x)), S)
case('network', lambda x, w, v: jnp.tanh(x @ w) @ v, S, ([4, 5], -1, 1), ([5, 2], -1, 1))
case('networkGradient', lambda x, w: jax.grad(lambda x: jnp.sum(nn.sigmoid(x @ w) ** 2))(x), S, ([4, 5], -1, 1))

edge('abs', jnp.abs, [0, -1, 1])
edge('maximum', jnp.maximum, [1, 0, -2, 1], [1, 0, -2, 2])
edge('minimum', jnp.minimum, [1, 0, -2, 1], [1, 0, -2, 2])
edge('relu', nn.relu, [0, -1, 1])
edge('relu6', nn.relu6, [0, 6, 7, -1])
edge('leakyRelu', lambda x: nn.leaky_relu(x, 0.25), [0, -1, 1])
edge('prelu', lambda x, a: jnp.where(x >= 0, x, a * x), [0, -1, 1], [0.5, 0.5, 0.5])
edge('elu', nn.elu, [0, -1, 1, 800, -800])
edge('selu', nn.selu, [0, -1, 1, 800, -800])
edge('clipByValue', lambda x: jnp.clip(x, -1, 1), [-1, 1, 0, 2])
edge('sqrt', jnp.sqrt, [0, -1])
edge('log', jnp.log, [0, -1])
edge('log1p', jnp.log1p, [-1])
edge('reciprocal', lambda x: 1 / x, [0])
edge('square', jnp.square, [0])
edge('sign', jnp.sign, [0, 1])
edge('floor', jnp.floor, [0, 1])
edge('round', jnp.round, [0.5, 1])
edge('atan2', jnp.arctan2, [0, 0, 0], [0, 1, -1])
edge('powWhole0', lambda x: x**0, [0, -1, 2])
edge('powWhole1', lambda x: x**1, [0, -1, 2])
edge('powWhole2', lambda x: x**2, [0, -1, 2])
edge('powWhole3', lambda x: x**3, [0, -1, 2])
edge('powWholeMinus1', lambda x: x**-1, [0, -1, 2])
edge('powHalf', lambda x: jnp.power(x, 0.5), [0, -1])
edge('powExponent', lambda y, x: jnp.power(x, y), [2, 0.5, -1], [0, 0, -1])
edge('mod', jnp.mod, [5, -5, 6, 5], [3, 3, 3, -3])
edge('modOf', lambda b, a: jnp.mod(a, b), [3, 3, 3, -3], [5, -5, 6, 5])
edge('div', jnp.divide, [1, 0], [0, 0])
edge('divBy', lambda b, a: jnp.divide(a, b), [0, 0], [1, 0])
edge('acos', jnp.arccos, [1])
edge('acosh', jnp.arccosh, [1])
edge('softplus', nn.softplus, [0, 800, -800])
edge('logSigmoid', nn.log_sigmoid, [0, 800, -800])
edge('sigmoid', nn.sigmoid, [0, 800, -800])
edge('tanh', jnp.tanh, [0, 800, -800])
edge('whereLog', lambda x: jnp.where(x > 0, jnp.log(x), 0.0), [0, 2])
edge('whereSqrt', lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0), [0, -1, 4])
edge('sigmoidCrossEntropy', lambda x, a: nn.softplus(x) - a * x, [0, 0, 2], [0, 1, 1])
edge('squaredDifference', lambda a, b: (a - b) ** 2, [1], [1])
for name, f in [('max', jnp.max), ('min', jnp.min)]:
    edge(name + 'Two', lambda a, b, c: f(jnp.stack([a, b, c])), [1, 1, 2, 0], [1, 1, 2, 1], [1, 3, 0, 1])
edge('norm', lambda a, b: jnp.linalg.norm(jnp.stack([a, b])), [0, 3], [0, 4])
edge('logSumExp', lambda a, b: nn.logsumexp(jnp.stack([a, b])), [1, 800], [1, -800])
edge('softmax', lambda a, b: nn.softmax(jnp.stack([a, b]))[0], [1, 800], [1, -800])
edge(
    'maxPool',
    lambda a, b: lax.reduce_window(jnp.stack([a, b]), -jnp.inf, lax.max, (2,), (2,), 'VALID')[0],
    [1, 0, 2],
    [1, 1, 1],
)
edge('topk', lambda a, b: lax.top_k(jnp.stack([a, b]), 1)[0][0], [1, 0, 2], [1, 1, 1])

out = Path(__file__).with_suffix('.json')
lines = lambda items: ',\n'.join(
    f'  {json.dumps(name)}: {json.dumps(value, separators=(",", ":"))}' for name, value in items.items()
)
out.write_text(f'{{"jax": "{jax.__version__}", "cases": {{\n{lines(cases)}\n}}, "edges": {{\n{lines(edges)}\n}}}}\n')
print(len(cases), 'cases,', len(edges), 'edges,', out.stat().st_size, 'bytes')
