"""How images will look in the next training: before and after preprocessing, and augmented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, QTimer, Qt
from PySide6.QtGui import QImage, QPaintEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QPushButton, QSizePolicy, QWidget

from core.errors import AppError
from core.images.recipe import Recipe
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs
from core.text import text
from core.training.preview import AugmentVariantsInput, PreviewRecipeInput, PreviewRecipeResult
from core.training.settings import AugmentSettings
from core.types import ImageRef
from gui import theme
from gui.icons import icon
from gui.jobs import Job, JobRunner, JobState
from gui.session import Session
from gui.train.augment_sliders import AugmentSliders
from gui.train.card import Card
from gui.train.plan import TrainingPlan
from gui.widgets.labels import ElidedLabel, SignedSentence, wrapped, wrapped_caption
from gui.widgets.layouts import STRETCH, column_of, fill, row_of
from gui.widgets.thumbnails import to_qimage


class PixelView(QWidget):
    """Shows one image on a neutral ground; empty until it has one.

    Args:
        name: What it shows, for people who cannot see it.
        side_px: Of the square.
    """

    def __init__(self, name: str, side_px: int) -> None:
        super().__init__()
        self._side_px = side_px
        self.image: QImage | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """Show (height, width, 3 or 1) uint8, or nothing."""
        self.image = None if pixels is None else to_qimage(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side_px, self._side_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.current().tile)
            if self.image is not None:
                self._paint(painter, self.image)

    def _paint(self, painter: QPainter, image: QImage) -> None:
        scale = min(self.width() / image.width(), self.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        target = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(target, image)


DEBOUNCE_MS = 150
IMAGE_PX, VARIANT_PX = 192, 84
N_COLUMNS, N_ROWS = 4, 3
N_VARIANTS = N_COLUMNS * N_ROWS
FINE_TUNE_SIDE_PX = 224
"""Side that stands for a pretrained network's own; the settings of such a strategy do not say it."""


class PreviewCard(Card):
    """Shows what the plan makes of the project's own images; hidden for strategies that change nothing.

    Random changes are drawn when a person asks for them: the engine's libraries take seconds to import.

    Args:
        session: Whose images are shown.
        plan: Says how they are prepared, and keeps the random changes.
        runner: Asks the engine for them, quietly.
    """

    def __init__(self, session: Session, plan: TrainingPlan, runner: JobRunner) -> None:
        super().__init__(text("window_train.preprocessing"))
        self._session, self._plan, self._runner = session, plan, runner
        self._ids = np.empty(0, np.int64)
        self._at, self._draw = 0, 0
        self._has_variants = False
        self._asked: dict[str, object] = {}
        self._jobs: dict[str, Job] = {}
        self.name = ElidedLabel()
        self.sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.before = PixelView(text("window_train.image_original"), IMAGE_PX)
        self.after = PixelView(text("window_train.image_input"), IMAGE_PX)
        self.before_said, self.after_said = wrapped_caption(), wrapped_caption()
        self.previous, self.next = QPushButton(), QPushButton()
        self.variants = [PixelView(text("window_train.variant", n=i + 1), VARIANT_PX) for i in range(N_VARIANTS)]
        self.sliders = AugmentSliders()
        self.another = QPushButton(text("window_train.show_examples"))
        self.whose = wrapped_caption()
        self.waiting = wrapped_caption()
        self.failure = SignedSentence("wrong", role="red")
        self._changes = QWidget()
        self._later = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._build()
        self._connect()
        self._begin()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        for button, sign, name in (
            (self.previous, "‹", text("window_train.previous_image")),
            (self.next, "›", text("window_train.next_image")),
        ):
            button.setText(sign)
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setFixedWidth(2 * theme.AROUND)
            self.head.addWidget(button)
        pair = row_of(
            column_of(self.before, self.before_said, spacing=theme.INSIDE),
            column_of(self.after, self.after_said, spacing=theme.INSIDE), STRETCH, spacing=theme.AROUND,
        )
        self._build_changes()
        fill(self.column, self.name, self.failure, self.waiting, pair, self._changes)

    def _build_changes(self) -> None:
        title = wrapped(text("window_train.augmentation"), is_strong=True)
        self.another.setIcon(icon("suggestion"))
        self.another.setToolTip(text("window_train.another_draw.tip"))
        self._grid = QWidget()
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.INSIDE)
        self._grid.hide()
        for i, view in enumerate(self.variants):
            grid.addWidget(view, i // N_COLUMNS, i % N_COLUMNS)
        left = column_of(self._grid, (self.another, 0, Qt.AlignmentFlag.AlignLeft), STRETCH)
        right = column_of(self.whose, self.sliders, STRETCH)
        self.sides.setSpacing(theme.AROUND)
        fill(self.sides, left, (right, 1))
        column_of(title, self.sides, margins=(0, theme.BETWEEN, 0, 0), parent=self._changes)

    def _connect(self) -> None:
        self.previous.clicked.connect(lambda: self._step(-1))
        self.next.clicked.connect(lambda: self._step(1))
        self.another.clicked.connect(self._on_another_clicked)
        self.sliders.changed.connect(self._on_sliders_changed)
        self._plan.changed.connect(self.refresh)
        self._plan.settings_kept.connect(self.refresh)
        self._session.project_changed.connect(self._begin)
        self._session.images_changed.connect(self._begin)
        self._later.timeout.connect(self._ask)

    # ── what is shown ────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Show the plan as it is now; the images follow a moment later."""
        settings = self._plan.settings
        augment = _augment_of(settings)
        self.setVisible(_recipe_of(settings) is not None and len(self._ids) > 0)
        self._changes.setVisible(augment is not None)
        if augment is not None and augment != self.sliders.settings():
            self.sliders.set_settings(augment)
        is_own = getattr(settings, "own_augment", None) is not None
        preset = str(getattr(settings, "augmentation", ""))
        self.whose.setText(
            text("window_train.augmentation_own") if is_own
            else text("window_train.augmentation_preset", name=preset)
        )
        self._later.start()

    def _begin(self) -> None:
        """Other images: begin with the first."""
        self._forget()
        is_open = self._session.is_open
        which = ImageFilter(split="train")
        self._ids = image_ids(self._session.project, which) if is_open else np.empty(0, np.int64)
        self._at = 0
        self.refresh()

    def _forget(self) -> None:
        for job in self._jobs.values():
            job.forget()
        self._jobs, self._asked = {}, {}

    def _step(self, n: int) -> None:
        if len(self._ids):
            self._at = (self._at + n) % len(self._ids)
            self._later.start()

    def _on_another_clicked(self) -> None:
        self._draw += int(self._has_variants)
        self._draw_variants()
        self._later.start()

    def _draw_variants(self) -> None:
        """From now on random changes are drawn."""
        self._has_variants = True
        self._grid.show()
        self.another.setText(text("window_train.another_draw"))

    def _on_sliders_changed(self) -> None:
        settings = self._plan.settings
        if hasattr(settings, "own_augment"):
            self._draw_variants()
            self._plan.keep_settings(replace(settings, own_augment=self.sliders.settings()))

    # ── the jobs ─────────────────────────────────────────────────────────

    def _image(self) -> ImageRef | None:
        if not self._session.is_open or not len(self._ids):
            return None
        return next(iter(image_refs(self._session.project, self._ids[self._at:self._at + 1])), None)

    def _ask(self) -> None:
        """Ask the engine for what is not shown yet."""
        image, recipe = self._image(), _recipe_of(self._plan.settings)
        if not self.isVisible() or image is None or recipe is None:
            return
        self.name.set_text(
            text("window_train.image_of", place=self._at + 1, total=len(self._ids), name=image.path.name))
        self._start("preview-recipe", PreviewRecipeInput(image, recipe))
        augment = _augment_of(self._plan.settings)
        if augment is not None and self._has_variants:
            self._start("augment-variants", AugmentVariantsInput(
                image, recipe, augment, self._draw, N_VARIANTS))

    def _start(self, task: str, inputs: object) -> None:
        """Start a job in place of one that waits; one that runs is let finish, and asked again afterwards.

        Ending it would cost more: the first one of its kind imports the engine's libraries.
        """
        before = self._jobs.get(task)
        if self._asked.get(task) == inputs or before is not None and before.state is JobState.RUNNING:
            return
        if before is not None:
            before.forget()
        self._asked[task] = inputs
        job = self._jobs[task] = self._runner.start(text("window_train.preparing_image"), task, inputs, is_quiet=True)
        job.succeeded.connect(self._on_job_succeeded)
        job.failed.connect(self._on_job_failed)
        job.finished.connect(lambda: self._on_job_finished(task, job))
        is_held_up = self._runner.shown is not None
        self.waiting.setText(text("window_train.images_wait") if is_held_up else "")
        self.waiting.setVisible(is_held_up)

    def _on_job_succeeded(self, found: object) -> None:
        self.failure.set_text("")
        self.waiting.hide()
        if isinstance(found, PreviewRecipeResult):
            self._show_pair(found)
        elif isinstance(found, np.ndarray):
            for view, pixels in zip(self.variants, found, strict=True):
                view.show_pixels(pixels)

    def _show_pair(self, found: PreviewRecipeResult) -> None:
        self.before.show_pixels(found.before)
        self.after.show_pixels(found.after)
        height, width = found.after.shape[:2]
        self.before_said.setText(text("window_train.before_pixels", width=found.width_px, height=found.height_px))
        self.after_said.setText(text("window_train.after_pixels", width=width, height=height))

    def _on_job_finished(self, task: str, job: Job) -> None:
        if self._jobs.get(task) is job:
            del self._jobs[task]
            self._later.start()

    def _on_job_failed(self, error: AppError) -> None:
        self.waiting.hide()
        self.failure.set_text(f"{error.sentence} {error.hint}".strip())
        for view in (self.before, self.after, *self.variants):
            view.show_pixels(None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._later.start()


def _recipe_of(settings: Any) -> Recipe | None:
    """How a strategy prepares images, None where it leaves that to its network."""
    recipe = getattr(settings, "recipe", None)
    if isinstance(recipe, Recipe):
        return recipe
    fit = getattr(settings, "fit", None)
    return Recipe(FINE_TUNE_SIDE_PX, FINE_TUNE_SIDE_PX, fit=fit) if fit else None


def _augment_of(settings: Any) -> AugmentSettings | None:
    augment = getattr(settings, "augment", None)
    return augment if isinstance(augment, AugmentSettings) else None
