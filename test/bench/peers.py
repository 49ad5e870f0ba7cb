"""The peers of the benchmark.

They are asked line by line on stdin: `{"peer", "workload", "n", "d", "m", "steps"}` gives the seconds of a step on
stdout.
"""
import json
import math
import os
import sys
import time

import numpy as np

LAMBDA = 1e-3
TEMPERATURE = DT = 0.05
x64 = os.environ.get("JAX_ENABLE_X64") == "1"
states = {}


def problem(n, d, m):
    rng = np.random.default_rng(0)
    kind = np.float64 if x64 else np.float32
    return [rng.standard_normal(shape).astype(kind) for shape in [(m, d), (m, 1), (n, d), (n, 1)]]


def jax_loop(workload, n, d, m):
    import jax
    import jax.numpy as jnp
    from jax.scipy.linalg import cho_factor, cho_solve

    W, c, X, y = map(jnp.asarray, problem(n, d, m))

    def risk(net):
        W, c = net
        return jnp.mean((jnp.maximum(X @ W.T, 0) @ c / math.sqrt(m) - y) ** 2) / 2

    def net(_, net):
        return [a - 0.01 * g for a, g in zip(net, jax.grad(risk)(net))]

    def varpro(_, net):
        W, _ = net
        phi = jnp.maximum(X @ W.T, 0)
        c = cho_solve(cho_factor(phi.T @ phi / (n * m) + LAMBDA * jnp.eye(m, dtype=X.dtype)), phi.T @ y / n)
        W = W - 1e-3 * m * jax.grad(lambda W: jnp.mean((jnp.maximum(X @ W.T, 0) @ c / m - y) ** 2) / (2 * LAMBDA))(W)
        return [W / jnp.linalg.norm(W, axis=1, keepdims=True), c]

    def langevin(k, net):
        def objective(net):
            W, c = net
            decay = TEMPERATURE / m * (jnp.sum(W**2) + jnp.sum(c**2))
            return (jnp.mean((jnp.tanh(X @ W.T) @ c / m - y) ** 2) + decay) / 2

        keys = jax.random.split(jax.random.fold_in(jax.random.key(0), k))
        noise = [jax.random.normal(key, a.shape, a.dtype) for key, a in zip(keys, net)]
        size = math.sqrt(2 * TEMPERATURE * DT)
        return [a - m * DT * g + size * xi for a, g, xi in zip(net, jax.grad(objective)(net), noise)]

    step = {"net": net, "varpro": varpro, "langevin": langevin}[workload]
    loop = jax.jit(lambda net, steps: jax.lax.fori_loop(0, steps, step, net))
    return lambda steps: jax.block_until_ready(loop([W, c], steps))


def torch_autograd(threads):
    def make(workload, n, d, m):
        import torch

        W, c, X, y = map(torch.tensor, problem(n, d, m))
        W.requires_grad_()

        def net():
            c.requires_grad_()
            risk = ((torch.relu(X @ W.T) @ c / math.sqrt(m) - y) ** 2).mean() / 2
            gW, gc = torch.autograd.grad(risk, [W, c])
            with torch.no_grad():
                W.sub_(0.01 * gW)
                c.sub_(0.01 * gc)

        def varpro():
            phi = torch.relu(X @ W.T)
            with torch.no_grad():
                normal = phi.T @ phi / (n * m) + LAMBDA * torch.eye(m)
                c = torch.cholesky_solve(phi.T @ y / n, torch.linalg.cholesky(normal))
            (gW,) = torch.autograd.grad(((phi @ c / m - y) ** 2).mean() / (2 * LAMBDA), [W])
            with torch.no_grad():
                W.sub_(1e-3 * m * gW)
                W.div_(W.norm(dim=1, keepdim=True))

        def langevin():
            c.requires_grad_()
            decay = TEMPERATURE / m * ((W**2).sum() + (c**2).sum())
            grads = torch.autograd.grad((((torch.tanh(X @ W.T) @ c / m - y) ** 2).mean() + decay) / 2, [W, c])
            with torch.no_grad():
                for a, g in zip([W, c], grads):
                    a.sub_(m * DT * g).add_(torch.randn(a.shape), alpha=math.sqrt(2 * TEMPERATURE * DT))

        def run(steps):
            torch.set_num_threads(threads)
            for _ in range(steps):
                {"net": net, "varpro": varpro, "langevin": langevin}[workload]()

        return run

    return make


makers = {"jax": jax_loop, "torch1": torch_autograd(1), "torch2": torch_autograd(2)}
for line in sys.stdin:
    ask = json.loads(line)
    key = (ask["peer"], ask["workload"], ask["n"], ask["d"], ask["m"])
    if key not in states:
        states[key] = makers[ask["peer"]](*key[1:])
        states[key](2)
    start = time.perf_counter()
    states[key](ask["steps"])
    print(json.dumps((time.perf_counter() - start) / ask["steps"]), flush=True)
