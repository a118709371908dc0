"""Folder layouts that Catalejo understands, one path a line; each is the input of a test."""

from __future__ import annotations

from tests.inputs.example import Example

TITLE = "Folders"
INTRODUCTION = (
    "`new --dry-run` prints the plan of an import and writes nothing; the window shows the same plan before it "
    "imports. "
    "Thumbnails, previews and trash that NAS systems, file managers and photo programs leave (`@eaDir`, `#recycle`, "
    "`$RECYCLE.BIN`, `.thumbnails`, `__MACOSX`, `*.lrdata` …) are passed over at every depth and counted. What is "
    "chosen for a folder (`--classes-from`, `--valid`, `--no-splits`) is remembered for the next `new`."
)

EXAMPLES: tuple[Example, ...] = (
    Example(
        "A folder for each class",
        "disc/a.jpg\ndisc/b.jpg\nsquare/c.jpg\nsquare/d.jpg\n",
        "training: disc 2, square 2",
    ),
    Example(
        "Folders inside class folders",
        "guns/pistol/a.jpg\nguns/rifle/b.jpg\nphones/smartphone/c.jpg\n",
        "training: guns/pistol 1, guns/rifle 1, phones/smartphone 1",
    ),
    Example(
        "Splits side by side",
        "train/disc/a.jpg\ntrain/square/b.jpg\nvalid/disc/c.jpg\nvalid/square/d.jpg\n"
        "test/disc/e.jpg\ntest/square/f.jpg\n",
        "training: disc 2, square 2; testing: disc 1, square 1",
    ),
    Example(
        "Splits without a test folder: the validation images are the labelled test set",
        "train/disc/a.jpg\ntrain/square/b.jpg\nval/disc/c.jpg\nval/square/d.jpg\n",
        "training: disc 1, square 1; testing: disc 1, square 1",
    ),
    Example(
        "Training images in class folders, test images without labels",
        "train/disc/a.jpg\ntrain/square/b.jpg\ntest/1.jpg\ntest/2.jpg\n",
        "training: disc 1, square 1; testing: 2 without a label",
    ),
    Example(
        "Test images in one folder, as torchvision wants it",
        "train/disc/a.jpg\ntrain/square/b.jpg\ntest/unknown/1.jpg\ntest/unknown/2.jpg\n",
        "training: disc 1, square 1; testing: 2 without a label",
    ),
    Example(
        "Splits in Spanish, and in capitals",
        "Entrenamiento/disco/a.jpg\nEntrenamiento/cuadro/b.jpg\nVALIDACIÓN/disco/c.jpg\nVALIDACIÓN/cuadro/d.jpg\n"
        "Pruebas/disco/e.jpg\nPruebas/cuadro/f.jpg\n",
        "training: cuadro 2, disco 2; testing: cuadro 1, disco 1",
    ),
    Example(
        "A name around each split, as archives unpack",
        "seg_train/seg_train/disc/a.jpg\nseg_train/seg_train/square/b.jpg\nseg_test/seg_test/disc/c.jpg\n",
        "training: disc 1, square 1; testing: disc 1",
    ),
    Example(
        "A folder around everything",
        "archive (1)/dataset/images/disc/a.jpg\narchive (1)/dataset/images/square/b.jpg\n",
        "training: disc 1, square 1",
    ),
    Example(
        "Batches inside the class folders",
        "disc/2021/1.jpg\ndisc/2022/1.jpg\nsquare/2021/1.jpg\nsquare/camera_2/1.jpg\n",
        "training: disc 2, square 2",
    ),
    Example(
        "Class folders inside batches",
        "2021/disc/1.jpg\n2021/square/2.jpg\n2022/disc/3.jpg\n2022/square/4.jpg\n",
        "training: disc 2, square 2",
    ),
    Example(
        "Classes that are numbers",
        "".join(f"{digit}/a.jpg\n" for digit in range(10)),
        "training: " + ", ".join(f"{digit} 1" for digit in range(10)),
    ),
    Example(
        "Images in one folder, without classes",
        "holiday/a.jpg\nholiday/b.jpg\n",
        "training: 2 without a label",
    ),
    Example(
        "Folders on a NAS or a USB disk",
        "disc/a.jpg\ndisc/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg\nsquare/b.jpg\n#recycle/old.jpg\n"
        "$RECYCLE.BIN/S-1-5-21/$RX1.jpg\nSystem Volume Information/x.jpg\n.Trash-1000/files/c.jpg\n"
        "Catalog.lrdata/p.jpg\n",
        "training: disc 1, square 1",
    ),
)
