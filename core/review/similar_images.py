"""The job `find-similar`: the images of a project most similar to any image, in it or not, or to several together.

The similarity is the cosine of two embeddings; several images are asked about by the mean of their unit vectors. The
search is exact. A file from elsewhere is read and embedded for the moment; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import DEFAULT
from core.embeddings.embed import EmbedInput, embed_images
from core.embeddings.one_image import State, embed_one, files_state, kept_index, kept_store
from core.embeddings.similar import CHUNK, best_first, unit_vectors
from core.embeddings.store import EmbeddingStore
from core.errors import ImageUnreadable
from core.images.files import CHANGED, find_changed_files, hash_file
from core.jobs import JobContext
from core.project.catalog import CATALOG_NAME
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs, images_with_content, readable_contents
from core.text import Message
from core.types import ImageRef, Skipped

LOOKED_UP = 128
"""Contents that are looked up in the catalog together."""

STAGE, READING = Message("embeddings.making_index"), Message("jobs.reading_images")


@dataclass(frozen=True, slots=True)
class SimilarInput:
    """What to find images like.

    Attributes:
        project: The project's folder; its catalog is read, never written.
        images: Images of the project.
        files: Image files that are none of the project's; read, never imported.
        backbone: Name of a pretrained network.
        n_similar: At most so many images are found, at least 1.
        embeds: Embed images of the project that have no embedding yet, instead of leaving them out.
    """

    project: Path
    images: tuple[ImageRef, ...] = ()
    files: tuple[Path, ...] = ()
    backbone: str = DEFAULT
    n_similar: int = 12
    embeds: bool = False


@dataclass(frozen=True, slots=True)
class SimilarImage:
    """One image of the project.

    Attributes:
        image_id: Its row in the catalog.
        similarity: Cosine of its embedding and what was asked about, −1 … 1.
        is_copy: Its file is the same, byte for byte, as one that was asked about.
    """

    image_id: int
    similarity: float
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class SimilarResult:
    """What was found.

    Attributes:
        found: The most similar first; none of the images that were asked about, but copies of them.
        n_searched: Contents that were compared.
        n_without: Readable images of the project that have no embedding, so that they were not compared.
        skipped: What was asked about and cannot be used, and images that could not be embedded.
    """

    found: tuple[SimilarImage, ...]
    n_searched: int
    n_without: int
    skipped: tuple[Skipped, ...] = ()


def find_similar(inputs: SimilarInput, context: JobContext) -> SimilarResult:
    """Find the images most similar to those of `inputs`, labelled or not.

    Raises:
        ImageUnreadable: Nothing of what is asked about can be used; the first reason.
        WeightsError, EngineError: The backbone is not installed or cannot be used.
        ProjectError, StorageError: The catalog cannot be read, or new embeddings cannot be written.
        JobCancelled: The caller asked to end; new embeddings are kept.
    """
    context.check()
    embeddings, skipped = inputs.project / "embeddings", tuple[Skipped, ...]()
    with Project.open(inputs.project, read_only=True) as project:
        if inputs.embeds:
            images = image_refs(project, ImageFilter())
            skipped = embed_images(EmbedInput(images, inputs.backbone, embeddings), context).skipped
        store = kept_store(inputs.backbone, embeddings)
        asked = _look_at(inputs, store, context)
        index = kept_index(store, _counting(store.n_rows, context))
        context.progress(store.n_rows, store.n_rows, stage=STAGE)
        similarities = index.similarities(asked.vector, check=context.check)
        found = _find_images(project, store, asked, similarities, inputs, context)
    state = files_state(inputs.project, (CATALOG_NAME, CATALOG_NAME + "-wal"))
    n_without = _count_without(inputs.project, state, store, store.n_rows)
    return SimilarResult(found, store.n_rows, n_without, (*asked.skipped, *skipped))


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What is asked about: its contents, its mean direction (n_features,), and what of it cannot be used."""

    contents: frozenset[bytes]
    vector: NDArray[np.float32]
    skipped: tuple[Skipped, ...]


def _look_at(inputs: SimilarInput, store: EmbeddingStore, context: JobContext) -> _Asked:
    changed = {one.image.id for one in find_changed_files(inputs.images, context)}
    wanted: list[tuple[Path, bytes | None, bool]] = [
        *((one.path, one.content_hash, one.id in changed) for one in inputs.images),
        *((path, None, False) for path in inputs.files)]
    contents, vectors, errors = set[bytes](), list[NDArray[np.float32]](), list[tuple[Path, ImageUnreadable]]()
    for at, (path, known, is_changed) in enumerate(wanted):
        context.progress(at, len(wanted), stage=READING)
        try:
            if is_changed:
                raise ImageUnreadable(CHANGED)
            content = known or hash_file(path)
            vectors.append(embed_one(path, content, inputs.backbone, store))
            contents.add(content)
        except ImageUnreadable as error:
            errors.append((path, error))
    context.progress(len(wanted), len(wanted), stage=READING)
    if not vectors:
        raise errors[0][1]
    mean = unit_vectors(np.array(vectors)).mean(axis=0)
    return _Asked(frozenset(contents), mean, tuple(Skipped(path, error.message) for path, error in errors))


def _counting(total: int, context: JobContext) -> Callable[[], None]:
    """Tells at each call that one more chunk of so many rows is done."""
    done = -CHUNK

    def tell() -> None:
        nonlocal done
        done = min(done + CHUNK, total)
        context.progress(done, total, stage=STAGE)

    return tell


def _find_images(
    project: Project, store: EmbeddingStore, asked: _Asked, similarities: NDArray[np.float32], inputs: SimilarInput,
    context: JobContext,
) -> tuple[SimilarImage, ...]:
    """The images of the most similar contents without those that were asked about; of equals copies first."""
    own = {image.id for image in inputs.images}
    found = list[SimilarImage]()
    for rows in _few_at_once(best_first(similarities)):
        context.check()
        hashes = store.hashes_of(rows)
        with_content = images_with_content(project, hashes)
        found += [
            SimilarImage(image_id, _similarity(similarities[row], h in asked.contents, asked), h in asked.contents)
            for h, row in zip(hashes, rows.tolist(), strict=True)
            for image_id in with_content.get(h, ()) if image_id not in own]
        if len(found) >= inputs.n_similar:
            break
    found.sort(key=lambda one: (-one.similarity, not one.is_copy))
    return tuple(found[:inputs.n_similar])


def _few_at_once(portions: Iterator[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    """Portions grow faster than the number of images that are wanted, and each content is looked up."""
    for portion in portions:
        yield from (portion[start:start + LOOKED_UP] for start in range(0, len(portion), LOOKED_UP))


def _similarity(cosine: np.float32, is_copy: bool, asked: _Asked) -> float:
    """Of a copy of the only content that is asked about it is 1, whatever was rounded."""
    return 1.0 if is_copy and len(asked.contents) == 1 else float(cosine)


@lru_cache(maxsize=1)
def _count_without(project: Path, catalog: State, store: EmbeddingStore, n_rows: int) -> int:
    """Readable images without an embedding; counted anew once the catalog or the store was written to."""
    with Project.open(project, read_only=True) as opened:
        contents = readable_contents(opened)
    return int((store.rows_of(contents) < 0).sum())
