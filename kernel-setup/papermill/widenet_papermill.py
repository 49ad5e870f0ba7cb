"""Lets papermill write parameters as TypeScript: `papermill in.ipynb out.ipynb -p name value`.

papermill loads this module when it starts, because it is entered among its engines, and has no other place where a
package may add a language. The engine is papermill's own.
"""

import json

from papermill.engines import NBClientEngine
from papermill.translators import Translator, papermill_translators

__all__ = ["NBClientEngine", "TypeScriptTranslator"]


class TypeScriptTranslator(Translator):
    @classmethod
    def translate(cls, val):
        """Numbers, texts, lists and mappings as JSON, which is TypeScript too; dates as texts."""
        return json.dumps(val, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        return f"let {name} = {str_val};"

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        """Variables of these names, and the same as parameters of widenet: to a `params` before this cell or below."""
        return (
            super().codify(parameters, comment)
            + f"process.env.WIDENET_INJECTED = JSON.stringify({{ {', '.join(parameters)} }});\n"
            + "(globalThis as any)[Symbol.for('widenet.params')]?.inject();\n"
        )

    @classmethod
    def inspect(cls, parameters_cell):
        return []


papermill_translators.register("typescript", TypeScriptTranslator)
