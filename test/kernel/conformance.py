"""The Jupyter project's own conformance suite, whole."""

import jupyter_kernel_test
from support import KERNEL, TIMEOUT

# A busy machine takes long over the first cell. What is a default argument there keeps the old value.
jupyter_kernel_test.TIMEOUT = TIMEOUT


class KernelConformance(jupyter_kernel_test.KernelTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The suite gives a message on iopub a tenth of a second.
        get = jupyter_kernel_test.ensure_sync(cls.kc.iopub_channel.get_msg)
        cls.kc.iopub_channel.get_msg = lambda timeout=None: get(timeout=TIMEOUT)

    def flush_channels(self):
        """
        Reads all that comes before the end of a cell that is sent now: what is left of earlier requests, and that a
        kernel which answered while it started is idle, which belongs to no request.
        """
        sent = self.kc.execute("", silent=True)
        while self.kc.get_shell_msg(timeout=TIMEOUT)["parent_header"].get("msg_id") != sent:
            pass
        state = None
        while state != "idle":
            message = self.kc.get_iopub_msg(timeout=TIMEOUT)
            jupyter_kernel_test.validate_message(message)
            if message["parent_header"].get("msg_id") == sent:
                state = message["content"]["execution_state"]

    def execute_helper(self, code, timeout=TIMEOUT, **options):
        return super().execute_helper(code, timeout, **options)

    kernel_name = KERNEL
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "const zebra: number = 1; zeb", "matches": {"zebra"}},
        {"text": "Math.hyp", "matches": {"hypot"}},
    ]
    complete_code_samples = [
        "1",
        "const a = 1",
        "function f() {\n  return 1;\n}\n\n",
        "await Promise.resolve(1)",
        "type A<T> = T[];",
    ]
    incomplete_code_samples = ["function f() {", "const a = [1,", "f(", "`text", "/* a comment"]
    invalid_code_samples = ["const const = 1", "import = 7q", "}"]
    code_generate_error = "throw new Error('on purpose')"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "[1, 2].map(x => x * 2)", "result": "[ 2, 4 ]"},
        {"code": "await Promise.resolve('late')", "result": "'late'"},
        {"code": "1 + 3", "result": "4"},
    ]
    code_display_data = [
        {"code": "import { display } from 'tslab'; display.html('<b>bold</b>')", "mime": "text/html"},
        {"code": "display.png(new Uint8Array([137, 80, 78, 71]))", "mime": "image/png"},
    ]
    code_page_something = "Math.max?"
    code_history_pattern = "1 + 2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.max"
    code_clear_output = "console.clear()"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True
