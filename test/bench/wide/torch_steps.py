"""Workloads of wide.ts in PyTorch: step(state, data) changes the state, a dictionary of tensors, in place."""
import math

import torch
import torch.nn.functional as F


def descended(rate):
    """A step down the risk that a function gives."""

    def of(risk):
        def step(net, data):
            names = [name for name, w in net.items() if w.requires_grad_() is w]
            gradients = torch.autograd.grad(risk(net, data), [net[name] for name in names])
            with torch.no_grad():
                torch._foreach_add_([net[name] for name in names], gradients, alpha=-rate)

        return step

    return of


def deep(state, data):
    params = [w for name, w in state.items() if name.startswith("params.")]
    if "adam" not in state:
        for name in [name for name in state if not name.startswith("params.")]:
            del state[name]  # Adam keeps moments of its own
        state["adam"] = torch.optim.Adam([w.requires_grad_() for w in params], lr=1e-3, fused=True)
    x = data["X"]
    for i in range(len(params) // 2):
        x = torch.addmm(state[f"params.{i}.b"], x if i == 0 else torch.relu(x), state[f"params.{i}.W"])
    state["adam"].zero_grad()
    (((x - data["y"]) ** 2).mean() / 2).backward()
    state["adam"].step()


@descended(0.005)
def minibatch(net, data):
    i = torch.randint(len(data["X"]), (128,))
    inner = torch.relu(torch.addmm(net["inner.b"], data["X"][i], net["inner.W"]))
    return F.cross_entropy(torch.addmm(net["outer.b"], inner, net["outer.W"]), data["label"][i])


@descended(0.01)
def seeds(net, data):
    f = torch.bmm(torch.relu(torch.bmm(data["X"], net["W"].mT)), net["c"]) / math.sqrt(net["c"].shape[1])
    return ((f - data["y"]) ** 2).sum() / (2 * data["y"].shape[1])


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def conv(x, K, bias=None):
    return F.conv2d(x, K.permute(3, 2, 0, 1), bias, padding="same")


@descended(0.05)
def convnet(net, data):
    x = channels_first(data["x"])
    for i in "12":
        x = F.max_pool2d(torch.relu(conv(x, net[f"K{i}"], net[f"b{i}"])), 2)
    return F.cross_entropy(x.permute(0, 2, 3, 1).flatten(1) @ net["W"] + net["b"], data["label"])


@descended(0.5)
def residual(net, data):
    def normalised(x, i):
        return F.batch_norm(x, None, None, net[f"scale{i}"], net[f"offset{i}"], training=True)

    x = channels_first(data["x"])
    inner = torch.relu(normalised(conv(x, net["K1"]), "1"))
    block = torch.relu(normalised(conv(inner, net["K2"]), "2") + x)
    return ((block - channels_first(data["y"])) ** 2).mean() / 2


@descended(0.5)
def attention(net, data, heads=4):
    x = data["x"]
    q, k, v = ((x @ net[name]).unflatten(-1, (heads, -1)).transpose(1, 2) for name in "QKV")
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
    return ((x + mixed @ net["O"] - data["y"]) ** 2).mean() / 2


def spectral(state, data):
    state["x"] = torch.fft.irfft(torch.fft.rfft(state["x"]) * torch.complex(data["re"], data["im"]))


def sums(state, data):
    state["x"] = torch.cumsum(state["x"], -1) / state["x"].shape[-1] + data["start"]
