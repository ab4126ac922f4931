"""`python -m fakedobby` is the command `fakedobby`."""

from fakedobby.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
