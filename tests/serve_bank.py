"""A process that holds a bank's answers and lets drivers run on them: ``python -m tests.serve_bank LESSON``."""

import sys

from gdexercises.checking import serve_stdio
from tests.banks import answers

if __name__ == "__main__":
    serve_stdio({str(answer): answer.attempt for answer in answers(sys.argv[1])})
