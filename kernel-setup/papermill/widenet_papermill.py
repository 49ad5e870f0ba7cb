"""Lets papermill write parameters as TypeScript: `papermill in.ipynb out.ipynb -p name value`.

papermill loads this module when it starts, because it is entered among its engines, and has no other place where a
package may add a language. The engine is papermill's own.
"""

import json
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

# A name, a type where one is given, and a value that is no object and no call.
VALUE = r"""([A-Za-z_$][\w$]*)\s*(?::[^=:,{}]+=|[:=])\s*(\[[^\]]*\]|'[^']*'|"[^"]*"|[^\s,;{}()][^,;{}()\n]*)(?=[,;}\s]|$)"""

__all__ = ["NBClientEngine", "TypeScriptTranslator"]


def exact(digits):
    """Refuses an integer that no number of TypeScript is equal to."""
    if abs(int(digits)) > 2**53:
        raise ValueError(f"TypeScript's numbers hold integers up to 2^53, not {digits}; -r gives it as a text")


class TypeScriptTranslator(Translator):
    @classmethod
    def translate(cls, val):
        """Numbers, texts, lists and mappings as JSON, which is TypeScript too; dates as texts."""
        text = json.dumps(val, default=str)
        json.loads(text, parse_int=exact)
        return text

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
        """The names with plain values, as in `let n = 1` and `params({ quick: { n: 1 } })`, of each the first."""
        code = re.sub(r"//.*|/\*[\s\S]*?\*/", "", parameters_cell["source"])
        found = {}
        for name, value in re.findall(VALUE, code):
            found.setdefault(name, Parameter(name=name, inferred_type_name="None", default=value.strip(), help=""))
        return list(found.values())


papermill_translators.register("typescript", TypeScriptTranslator)
