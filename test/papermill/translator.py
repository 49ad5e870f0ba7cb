"""Loads what papermill finds in this environment as papermill does, with a stand-in for papermill, and prints it."""

import json
import sys
import types
from importlib.metadata import entry_points


class Translator:
    """As papermill 2.7 has it, as far as a translator builds on it."""

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        lines = [cls.comment(comment), *[cls.assign(name, cls.translate(val)) for name, val in parameters.items()]]
        return "".join(f"{line}\n" for line in lines)


registered = {}
parts = {
    "engines": {"NBClientEngine": object},
    "models": {"Parameter": lambda **fields: fields},
    "translators": {
        "Translator": Translator,
        "papermill_translators": types.SimpleNamespace(register=registered.__setitem__),
    },
}
for name in ("", *parts):
    module = types.ModuleType(".".join(filter(None, ["papermill", name])))
    module.__dict__.update(parts.get(name, {}))
    sys.modules[module.__name__] = module

for entry in entry_points(group="papermill.engine"):
    entry.load()
given = json.loads(sys.argv[1])
translator = registered["typescript"]
found = translator.inspect({"source": given["source"]})
print(json.dumps({"cell": translator.codify(given["parameters"]), "found": {p["name"]: p["default"] for p in found}}))
