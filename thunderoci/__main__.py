"""`python -m thunderoci` is the command `thunderoci`."""

from thunderoci.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
