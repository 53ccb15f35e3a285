"""``python -m egovindex``: the command line, where the script is not on the path."""

from egovindex.cli import main

if __name__ == "__main__":
    main()
