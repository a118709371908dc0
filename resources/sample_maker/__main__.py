"""Makes the sample: draws its images into `resources/sample`, trains on them, keeps what came of it in an archive.

    python -m resources.sample_maker             # draws, trains and checks
    python -m resources.sample_maker --trained   # trains and checks the images that are there
"""

import sys
from pathlib import Path

from resources.sample_maker.dataset import write_sample
from resources.sample_maker.trained import write_trained

if __name__ == "__main__":
    if "--trained" not in sys.argv[1:]:
        write_sample(Path(__file__).parents[1] / "sample")
    write_trained()
