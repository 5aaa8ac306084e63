"""Whether sums are as fast as a processor can, or the same on all x86 processors.

What libraries choose by the processor they find: torch the width of its vectors, MKL, oneDNN and
OpenBLAS their kernels, numpy its loops, and the C library the functions that fuse multiplication
and addition. Each order of a sum rounds in its own way. They choose when they are loaded, so a
process that is to choose otherwise starts anew.
"""

import os
import sys

LOOPS = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
"""What numpy 2.4 knows beside the loops that any processor has."""
C_LIBRARY = "-AVX2,-AVX2_Usable,-FMA,-FMA_Usable,-FMA4,-FMA4_Usable"
"""What it calls them depends on its version; names that it does not know it passes over."""

PORTABLE = {
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": LOOPS,
    "GLIBC_TUNABLES": f"glibc.cpu.hwcaps={C_LIBRARY}",
}


def settle(numerics: str) -> None:
    """Start this script anew with what `portable` numerics take, unless it has begun with that.

    With `fast` nothing is changed: what the caller has set in the environment is the caller's.
    """
    if numerics == "portable" and any(os.environ.get(key) != PORTABLE[key] for key in PORTABLE):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | PORTABLE)
