"""Variable projection in PyTorch, as its authors do it: dense, in single precision, by autograd with u held fixed."""
import torch
import torch.nn.functional as F

LAMBDA, TAU = 1e-3, 2.0**-10


def solved(phi, y, pull):
    """u from (phi^T phi / (N M) + lambda I) u = phi^T y / N + lambda pull."""
    N, M = phi.shape
    normal = phi.T @ phi / (N * M) + LAMBDA * torch.eye(M)
    return torch.linalg.solve(normal, phi.T @ y / N + LAMBDA * pull)


def risk(phi, u, y, pull):
    return (((phi @ u / len(u) - y) ** 2).mean() / LAMBDA + ((u - pull) ** 2).mean()) / 2


def projection(state, data):
    x, y = (data[f"dense.{name}"].float() for name in "xy")
    w = state["w"].float().requires_grad_()
    phi = torch.relu(x @ w.T)
    with torch.no_grad():
        state["u"] = solved(phi, y, 1)
    (slope,) = torch.autograd.grad(risk(phi, state["u"], y, 1), w)
    with torch.no_grad():
        state["w"] = F.normalize(w - len(w) * TAU * slope)


def resnet(state, data):
    if "x" not in data:
        parts = [data["pixels"] // unit % 256 / 255 for unit in (65536, 256, 1)]
        mean, deviation = torch.tensor([0.4914, 0.4822, 0.4465]), torch.tensor([0.2023, 0.1994, 0.201])
        data["x"] = ((torch.stack(parts, -1) - mean) / deviation).permute(0, 3, 1, 2)
        data["y"] = F.one_hot(data["labels"], 10).float()
    params = [w.requires_grad_() for name, w in state.items() if name.startswith("layers.")]

    def layer(name, h, stride=1):
        kernel, scale, shift = (state[f"layers.{name}.{part}"] for part in ("kernel", "scale", "shift"))
        running = [state[f"running.{name}.{part}"] for part in ("mean", "variance")]
        z = F.conv2d(h, kernel.permute(3, 2, 0, 1), stride=stride, padding=len(kernel) // 2)
        return F.batch_norm(z, *running, scale, shift, training=True)

    h = torch.relu(layer("stem", data["x"]))
    for first in [name.split(".")[1] for name in state if name.startswith("layers.") and name.endswith("first.kernel")]:
        second, shortcut = (first.replace("first", name) for name in ("second", "shortcut"))
        narrows = f"layers.{shortcut}.kernel" in state
        change = layer(second, torch.relu(layer(first, h, 2 if narrows else 1)))
        h = torch.relu(change + (layer(shortcut, h, 2) if narrows else h))
    phi = h.mean((2, 3))
    with torch.no_grad():
        state["u"] = (solved(phi, data["y"], 0) + state["u"]) / 2
    loss = risk(phi, state["u"], data["y"], 0)
    slopes = torch.autograd.grad(loss, params)
    with torch.no_grad():
        torch._foreach_add_(params, slopes, alpha=-1e-3 * phi.shape[1])
        state["risk"] = loss.detach()
