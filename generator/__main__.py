"""``python -m generator``."""

import gc
import sys

FEW_NEW_OBJECTS = 50_000
"""Among so many that are new, garbage is not looked for: a build keeps most of what it makes."""

if __name__ == "__main__":
    gc.set_threshold(FEW_NEW_OBJECTS, 20, 20)
    try:
        from generator.cli import main
    except ModuleNotFoundError as error:
        from generator.typeset.toolchain import explain_missing_module

        missing = explain_missing_module(error)
        sys.stderr.write(f"{missing}\n{missing.advice}\n")
        sys.exit(missing.exit_code)
    main()
