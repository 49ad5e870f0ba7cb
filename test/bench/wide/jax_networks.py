"""The wide bench's networks in JAX: step(state, data, k) is the state after step k = 0, 1, ..."""
import math

import jax
import jax.numpy as jnp
from jax import lax


def dense(x, layer):
    return x @ layer["W"] + layer["b"]


def descended(risk, net, rate, *args):
    return jax.tree.map(lambda w, g: w - rate * g, net, jax.grad(risk)(net, *args))


def cross_entropy(logits, label):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), label[:, None], axis=1).mean()


def deep(state, data, k, rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    def risk(layers):
        x = data["X"]
        for i in range(len(layers)):
            x = dense(x if i == 0 else jax.nn.relu(x), layers[str(i)])
        return jnp.mean((x - data["y"]) ** 2) / 2

    g = jax.grad(risk)(state["params"])
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, state["first"], g)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g**2, state["second"], g)
    t = (k + 1).astype(jnp.float32)
    grown1, grown2 = -jnp.expm1(t * math.log(beta1)), -jnp.expm1(t * math.log(beta2))
    moved = lambda w, m, v: w - rate * (m / grown1) / (jnp.sqrt(v / grown2) + epsilon)
    return {"params": jax.tree.map(moved, state["params"], first, second), "first": first, "second": second}


def minibatch(net, data, k, batch=128):
    i = jax.random.randint(jax.random.fold_in(jax.random.key(0), k), (batch,), 0, data["X"].shape[0])

    def risk(net, X, label):
        return cross_entropy(dense(jax.nn.relu(dense(X, net["inner"])), net["outer"]), label)

    return descended(risk, net, 0.005, data["X"][i], data["label"][i])


def seeds(nets, data, k):
    def risk(net, X, y):
        f = jax.nn.relu(X @ net["W"].T) @ net["c"] / math.sqrt(net["c"].shape[0])
        return jnp.mean((f - y) ** 2) / 2

    return jax.vmap(lambda net, X, y: descended(risk, net, 0.01, X, y))(nets, data["X"], data["y"])


def conv(x, K):
    return lax.conv_general_dilated(x, K, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def convnet(net, data, k):
    def layer(x, K, b):
        x = jax.nn.relu(conv(x, K) + b)
        n, h, w, c = x.shape
        return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))

    def risk(net):
        x = layer(layer(data["x"], net["K1"], net["b1"]), net["K2"], net["b2"])
        return cross_entropy(x.reshape(x.shape[0], -1) @ net["W"] + net["b"], data["label"])

    return descended(risk, net, 0.05)


def residual(net, data, k):
    def normalised(x, scale, offset):
        mean, variance = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
        return (x - mean) * (lax.rsqrt(variance + 1e-5) * scale) + offset

    def risk(net):
        inner = jax.nn.relu(normalised(conv(data["x"], net["K1"]), net["scale1"], net["offset1"]))
        block = normalised(conv(inner, net["K2"]), net["scale2"], net["offset2"]) + data["x"]
        return jnp.mean((jax.nn.relu(block) - data["y"]) ** 2) / 2

    return descended(risk, net, 0.5)


def attention(net, data, k, heads=4):
    x = data["x"]

    def risk(net):
        q, key, v = ((x @ net[name]).reshape(*x.shape[:2], heads, -1) for name in "QKV")
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, key) / math.sqrt(q.shape[-1])
        mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), v).reshape(x.shape)
        return jnp.mean((x + mixed @ net["O"] - data["y"]) ** 2) / 2

    return descended(risk, net, 0.5)
