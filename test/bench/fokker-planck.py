"""NumPy's side of fokker-planck.ts: runs `python fokker-planck.py lean|textbook steps` and prints one line of JSON."""
import json
import sys
import time

import numpy as np

cells, half, n, weight_decay, beta, dt = 97, 6.0, 20, 0.1, 0.1, 0.02
spacing = 2 * half / cells
u = (np.arange(cells) + 0.5) * spacing - half
x = np.linspace(-2, 2, n)
y = np.tanh(2 * x) - 1.5 * np.tanh(0.7 * x)
sigma = np.tanh(np.outer(u, x))
square = u[:, None] ** 2 + u[None, :] ** 2
confinement = weight_decay / 2 * square
share = dt * beta / spacing**2


def bernoulli(z):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(z == 0, 1.0, z / np.expm1(z))


def textbook(a, b, z):
    """B(z) a - B(-z) b, as the scheme is written."""
    return bernoulli(z) * a - bernoulli(-z) * b


def lean(a, b, z):
    """The same with one transcendental function, as in src/finite-volume.ts."""
    half_z = z / 2
    size = np.maximum(np.abs(half_z), 1e-30)
    return size / np.tanh(size) * (a - b) - half_z * (a + b)


def step(p, flux):
    residual = (u @ p) @ sigma - y
    level = (np.outer(u, sigma @ residual) / n + confinement) / beta
    down = share * flux(p[:-1], p[1:], level[1:] - level[:-1])
    right = share * flux(p[:, :-1], p[:, 1:], level[:, 1:] - level[:, :-1])
    p = p.copy()
    p[:-1] -= down
    p[1:] += down
    p[:, :-1] -= right
    p[:, 1:] += right
    return p


flux, steps = {"lean": lean, "textbook": textbook}[sys.argv[1]], int(sys.argv[2])
p = np.exp(-square / 2)
p /= p.sum()
step(p, flux)
started = time.perf_counter()
for _ in range(steps):
    p = step(p, flux)
print(json.dumps({"seconds": time.perf_counter() - started, "density": p.ravel().tolist()}))
