"""The wide bench's particles, solvers and transforms in JAX: step(state, data, k) is the state after step k = 0, 1, ..."""
import math

import jax
import jax.numpy as jnp
from jax import lax


def langevin(net, data, k, temperature=0.05, dt=0.05):
    m = net["c"].shape[0]

    def objective(net):
        W, c = net["W"], net["c"]
        decay = temperature / m * (jnp.sum(W**2) + jnp.sum(c**2))
        return (jnp.mean((jnp.tanh(data["X"] @ W.T) @ c / m - data["y"]) ** 2) + decay) / 2

    keys = dict(zip("Wc", jax.random.split(jax.random.fold_in(jax.random.key(0), k)), strict=True))
    g = jax.grad(objective)(net)
    noise = {name: jax.random.normal(keys[name], a.shape, a.dtype) for name, a in net.items()}
    return {name: a - m * dt * g[name] + math.sqrt(2 * temperature * dt) * noise[name] for name, a in net.items()}


def bodies(at, data, k, dt=0.01, softening=0.05):
    def flow(at):
        apart = at["x"][None] - at["x"][:, None]
        weight = lax.rsqrt(jnp.sum(apart**2, -1) + softening) ** 3
        return {"x": at["v"], "v": jnp.einsum("ij,ijk->ik", weight, apart) / apart.shape[0]}

    def moved(at, along, by):
        return jax.tree.map(lambda a, b: a + by * b, at, along)

    k1 = flow(at)
    k2 = flow(moved(at, k1, dt / 2))
    k3 = flow(moved(at, k2, dt / 2))
    k4 = flow(moved(at, k3, dt))
    return jax.tree.map(lambda a, p, q, r, s: a + dt / 6 * (p + 2 * q + 2 * r + s), at, k1, k2, k3, k4)


def stein(state, data, k, h=10, rate=0.5):
    x = state["x"]

    def squares(x, y):
        return jnp.sum(x**2, 1, keepdims=True) + jnp.sum(y**2, 1) - 2 * x @ y.T

    score = jax.grad(lambda x: jnp.sum(jax.nn.logsumexp(-squares(x, data["centres"]) / 2, 1)))(x)
    K = jnp.exp(-squares(x, x) / h)
    apart = 2 / h * (x * jnp.sum(K, 1, keepdims=True) - K @ x)
    return {"x": x + rate / x.shape[0] * (K @ score + apart)}


def hessian(v, data, k):
    def risk(net):
        return jnp.mean((jnp.tanh(jnp.tanh(data["X"] @ net["U"]) @ net["V"]) @ net["c"] - data["y"]) ** 2) / 2

    product = jax.jvp(jax.grad(risk), (data["net"],), (v,))[1]
    norm = jnp.sqrt(sum(jnp.sum(part**2) for part in product.values()))
    return jax.tree.map(lambda part: part / norm, product)


def conjugate(state, data, k):
    F, b = data["F"], state["b"][:, 0]

    def ratio(a, b):
        return jnp.where(b == 0, 0, a / jnp.where(b == 0, 1, b))

    def step(_, carry):
        x, r, p, rr = carry
        Ap = (F @ p) @ F + 0.1 * p  # 20 times as fast as F.T @ (F @ p)
        alpha = ratio(rr, jnp.vdot(p, Ap))
        r = r - alpha * Ap
        square = jnp.vdot(r, r)
        return x + alpha * p, r, r + ratio(square, rr) * p, square

    x = lax.fori_loop(0, 100, step, (jnp.zeros_like(b), b, b, jnp.vdot(b, b)))[0]
    return {"b": (x / jnp.linalg.norm(x))[:, None]}


def tangent(state, data, k):
    net = {"W": state["W"], "c": state["c"]}
    m, d = net["W"].shape

    def output(net, x):
        return jnp.tanh(net["W"] @ x) @ net["c"] / math.sqrt(m)

    f, g = jax.vmap(jax.value_and_grad(output), (None, 0))(net, data["X"])
    J = jnp.concatenate([g["W"].reshape(-1, m * d), g["c"]], 1)
    by = (f - data["y"]) / len(f) @ J
    return {"W": net["W"] - by[: m * d].reshape(m, d), "c": net["c"] - by[m * d :], "K": J @ J.T}


def projection(state, data, k):
    x, y = data["dense"]["x"], data["dense"]["y"]
    penalty, tau = data["ordered"]["lambda"], data["ordered"]["tau"]
    N, M = len(x), len(state["w"])

    def features(w):
        return jnp.maximum(x @ w.T, 0)

    phi = features(state["w"])
    normal = phi.T @ phi / (N * M) + penalty * jnp.eye(M)
    u = jax.scipy.linalg.solve(normal, phi.T @ y / N + penalty, assume_a="pos")
    slope = jax.grad(lambda w: jnp.mean((features(w) @ u / M - y) ** 2) / (2 * penalty))(state["w"])
    w = state["w"] - M * tau * slope
    return {"w": w / jnp.linalg.norm(w, axis=1, keepdims=True), "u": u}


def spectral(state, data, k):
    return {"x": jnp.fft.irfft(jnp.fft.rfft(state["x"]) * lax.complex(data["re"], data["im"]))}


def sums(state, data, k):
    return {"x": jnp.cumsum(state["x"], -1) / state["x"].shape[-1] + data["start"]}


