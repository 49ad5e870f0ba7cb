"""Writes array-files.json: files as NumPy 2.4 saves them, in base64, beside the values that it reads from them.

pip install numpy==2.4.6; python test/golden/array-files.py > test/golden/array-files.json
"""

import base64
import io
import json

import numpy as np


def saved(save):
    file = io.BytesIO()
    save(file)
    return base64.b64encode(file.getvalue()).decode()


def case(array):
    read = np.ascontiguousarray(array).reshape(array.shape).astype("f8")
    values = [str(v) for v in read.ravel().tolist()]
    return {"shape": list(array.shape), "values": values, "file": saved(lambda file: np.save(file, array))}


kinds = ["?", "i1", "u1"] + [f"{order}{kind}" for kind in "i2 u2 i4 u4 i8 u8 f2 f4 f8".split() for order in "<>"]
whole, signed = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) * 1.25 - 3
cases = {}
for kind in kinds:
    given = signed if np.dtype(kind).kind in "if" else whole
    for order in "CF":
        cases[f"{kind} {order}"] = case(np.asarray(given.astype(kind), order=order))
cases["no axis"] = case(np.array(2.5))
cases["empty"] = case(np.zeros((0, 3)))
cases["three axes, the first fastest"] = case(np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
cases["beyond 32 bits"] = case(np.array([2**40, -(2**40), 1]))
cases["largest of u4"] = case(np.array([2**32 - 1], dtype="u4"))
cases["float16"] = case(np.array([np.inf, -np.inf, 6e-8, 65504, -0.0, 0.1, np.nan], dtype="f2"))
for version in (2, 3):
    array = np.arange(3.0)
    whole_file = saved(lambda file: np.lib.format.write_array(file, array, version=(version, 0)))
    cases[f"version {version}"] = {**case(array), "file": whole_file}

refused = {
    "complex": np.array([1j]),
    "text": np.array(["a"]),
    "objects": np.array([{}]),
    "fields": np.zeros(1, dtype=[("a", "f8"), ("b", "i4")]),
    "beyond 2^53": np.array([2**53 + 1]),
}
named = {"x": whole, "seed": np.array(7)}
print(
    json.dumps(
        {
            "cases": cases,
            "refused": {name: saved(lambda file: np.save(file, array)) for name, array in refused.items()},
            "archive": saved(lambda file: np.savez(file, **named)),
            "compressed": saved(lambda file: np.savez_compressed(file, **named)),
        }
    )
)
