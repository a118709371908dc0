"""The plain Keras recipe that Catalejo is measured against, as a process of its own.

    python -m benchmarks.plain_keras TRAIN_FOLDER TEST_FOLDER OUT.csv

Frozen EfficientNet-Lite0 in the loop, 5 epochs of Adam on a Dense head,
`image_dataset_from_directory` for both folders, `predict`, one CSV line a test image:
what Keras' own transfer-learning guide does, with the same pretrained weights.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

N_EPOCHS = 5
BATCH_SIZE = 32


def main(train_folder: Path, test_folder: Path, out: Path) -> None:
    import keras

    from core.backbones.registry import find_backbone
    from core.backbones.weights import locate_weights
    from core.engine.network import build_backbone

    keras.utils.set_random_seed(0)
    backbone = find_backbone("efficientnet-lite0")
    size = (backbone.side_px, backbone.side_px)
    train = keras.utils.image_dataset_from_directory(train_folder, image_size=size, batch_size=BATCH_SIZE, seed=0)
    test = keras.utils.image_dataset_from_directory(
        test_folder, labels=None, image_size=size, batch_size=BATCH_SIZE, shuffle=False
    )
    trunk = build_backbone(backbone, locate_weights(backbone))
    trunk.trainable = False
    head = keras.layers.Dense(len(train.class_names), activation="softmax")
    model = keras.Sequential([trunk, keras.layers.Dropout(0.2), head])
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=N_EPOCHS, verbose=2)
    predicted = model.predict(test, verbose=0).argmax(1)
    with out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ID", "class"])
        writer.writerows((Path(path).name, train.class_names[k])
                         for path, k in zip(test.file_paths, predicted, strict=True))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
