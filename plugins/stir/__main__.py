"""`python -m stir`: the command line."""

from stir.cli.main import main

if __name__ == "__main__":
    main()
