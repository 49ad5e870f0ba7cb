"""Loads JupyterLab and what runs notebooks, and finds the kernel where Jupyter looks for it."""
import os
import sys

sys.excepthook = lambda kind, error, _: print(f"{kind.__name__}: {error}", file=sys.stderr)

import jupyterlab.labapp
import nbclient
import zmq
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

zmq.Context().term()
try:
    kernel = KernelSpecManager().get_kernel_spec("tslab")
except NoSuchKernel:
    sys.exit("Jupyter finds no kernel named tslab")
if not kernel.resource_dir.startswith(sys.prefix):
    sys.exit(f"Jupyter finds another kernel named tslab, in {kernel.resource_dir}")
if not os.access(kernel.argv[0], os.X_OK):
    sys.exit(f"the kernel is started with {kernel.argv[0]}, which cannot be executed")
print(f"JupyterLab {jupyterlab.__version__}, nbclient {nbclient.__version__}")
