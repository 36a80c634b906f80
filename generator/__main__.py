"""``python -m generator``."""

import sys

if __name__ == "__main__":
    try:
        from generator.cli import main
    except ModuleNotFoundError as error:
        from generator.typeset.toolchain import explain_missing_module

        missing = explain_missing_module(error)
        sys.stderr.write(f"{missing}\n{missing.advice}\n")
        sys.exit(missing.exit_code)
    main()
