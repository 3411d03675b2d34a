"""The gallery and its index, kept equal."""

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import ParamSpec, Self, TypeVar, get_args

import numpy as np

from contract.errors import ConfigurationError
from contract.messages.by_kind import ByKind
from contract.messages.cluster import Counts, KeptPictureCounts
from contract.messages.faces import FaceRecord
from contract.messages.index_status import IndexKind, IndexStatus
from contract.messages.message import Kind
from contract.messages.second_model import ChangedOver
from contract.pictures.naming import MINTED_PREFIX
from contract.stores.store_map import Learning
from contract.vectors import Vector, Vectors
from scoring.cohort import Floats, Places
from scoring.score_scale import ScoreScale
from shard.gallery.change import Change, StoredFace
from shard.gallery.enrollment import EnrollResult
from shard.gallery.gallery import Gallery
from shard.gallery.indexing.record_reader import OwnTemplates
from shard.gallery.indexing.roaming_faces import RoamingPage
from shard.gallery.indexing.stored_places import placing_number
from shard.gallery.learned_templates import MOST_SECOND
from shard.gallery.template_rows import NewTemplate
from shard.index.certainty import RIVALS, SURE, Certainty
from shard.index.face_index import IndexPiece, SearchScope
from shard.index.face_search import FaceSearch
from shard.index.hit import Hit
from shard.index.kept_snapshot import LEAST_KEPT, OUTDATED_SHARE, IndexedModel, KeptSnapshot
from shard.index.list_trial import MatchLikeness
from shard.index.partition_index import LEAST_LISTED
from shard.index.visitor_faces import VisitorFaces

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

_CATCH_UP_SECONDS = 0.05
"""How long a search waits for what was just stored: the index takes a millisecond or two."""


class Collection:
    """A store's faces: the gallery is the record, the index follows it by its change sequence.

    After every write the index takes over what the gallery says has changed, as a replica does:
    there is one way for a face into the index, at start, while running and on a replica. Searches
    may come from any thread, all else from the one thread that owns the gallery.
    """

    def __init__(
        self,
        gallery: Gallery,
        model: str,
        dimension: int,
        scale: ScoreScale,
        *,
        skip_foreign: bool = False,
        second: "Collection | None" = None,
        kind: IndexKind = "flat",
    ) -> None:
        """See `load`, which builds the index."""
        self.gallery = gallery
        self.model = model
        self.dimension = dimension
        self.scale = scale
        self.second = second
        self.kept_pictures: KeptPictureCounts | None = None
        self._parameters = scale.parameters
        self._skip_foreign = skip_foreign
        self._kept = KeptSnapshot(
            gallery, IndexedModel(model, dimension, scale.cohort, kind, self._checked_for)
        )
        self._index = self._kept.index()
        seconds = _CATCH_UP_SECONDS if gallery.file.is_written_here else 0.0
        self._search = FaceSearch(self._index, gallery.record, model, seconds)
        assert scale.cohort.name is not None, "those of scales have one"
        self._placing = placing_number(model, scale.cohort.name)
        self._changed_over: tuple[tuple[int, int], ByKind[ChangedOver]] | None = None

    @classmethod
    def load(
        cls,
        gallery: Gallery,
        model: str,
        dimension: int,
        scale: ScoreScale,
        *,
        skip_foreign: bool = False,
        second: "Collection | None" = None,
        kind: IndexKind = "flat",
    ) -> Self:
        """Build the index of `gallery`, and that of the same faces by a `second` model.

        Where lists are wanted (`kind`), `make_lists` makes them.

        Vectors of two models never meet. Where there are some of neither, members who have no
        others would be strangers: raises ConfigurationError, unless it is told to `skip_foreign`.
        """
        collection = cls(
            gallery, model, dimension, scale, skip_foreign=skip_foreign, second=second, kind=kind
        )
        collection.catch_up()
        for each in collection.both:
            each._kept.check(each._index)
        return collection

    @property
    def both(self) -> "list[Collection]":
        """This one, and that of the second model if there is one."""
        return [self] if self.second is None else [self, self.second]

    @property
    def _checked_for(self) -> str:
        return "" if self._skip_foreign else ", ".join(each.model for each in self.both)

    def of_model(self, model: str) -> "Collection | None":
        """Return the collection of the same faces that has vectors of a model, if there is one."""
        return next((each for each in self.both if each.model == model), None)

    @property
    def seq(self) -> int:
        """The number of the last change that the index has taken over."""
        return self._index.seq

    @property
    def counts(self) -> Counts:
        """How much the index holds."""
        return self._index.counts

    @property
    def index_status(self) -> dict[str, IndexStatus]:
        """How its parts are searched."""
        return {str(part): status for part, status in self._index.statuses.items()}

    def make_lists(self, go_on: Callable[[], None], least: int = LEAST_LISTED) -> bool:
        """Make the inverted lists that are wanted and not there; say whether any were made.

        For a thread of its own: it takes seconds, and minutes with a million faces. `go_on` is
        called every few seconds, and ends it by what it raises. See FaceIndex.
        """
        made = [each._make_lists(go_on, least) for each in self.both]
        return any(made)

    def _make_lists(self, go_on: Callable[[], None], least: int) -> bool:
        likeness = MatchLikeness.of(self._parameters, self.counts.faces)
        return self._index.make_lists(likeness, go_on, least)

    def roaming(self, after: int, limit: int) -> RoamingPage:
        """Return what happened after a change to those whom other stores may find, a page of it."""
        return self.gallery.roaming(after, self.model, self._placing, limit)

    def store_places(self, most: int) -> int:
        """Store places that the record has not, up to `most` of each model; return how many."""
        used = [each._placing for each in self.both]
        return sum(each._store_places(most, used) for each in self.both)

    def _store_places(self, most: int, used: Sequence[int]) -> int:
        numbers, places = self._index.places_to_store(most)
        if len(numbers):
            self.gallery.places.store(numbers, places, self._placing, used, self.seq)
            self._index.note_stored_places(numbers)
        return len(numbers)

    def write_snapshots(
        self,
        pause: Callable[[], None],
        share: float = OUTDATED_SHARE,
        least: int = LEAST_KEPT,
    ) -> list[Callable[[], None]]:
        """Write the snapshots that are wanted; return what confirms them on the record's thread.

        From any thread; `pause` is called between pieces, and may raise. One is wanted of an index
        of `least` FaceIds of which more than a `share` has changed.
        """
        wanted = [each for each in self.both if each._kept.is_wanted(each._index, share, least)]
        written = [(each._kept, each._kept.write(each._index, pause)) for each in wanted]
        return [partial(kept.confirm, one) for kept, one in written if one is not None]

    @property
    def least_likeness(self) -> float:
        """The score with a FaceId's own templates from which on a face is the same person's."""
        return self._parameters.least_likeness

    def catch_up(self) -> None:
        """Take over what the gallery has that the index has not. Raises ConfigurationError."""
        second = None if self.second is None else self.second.model
        seq = self.gallery.changes(
            self.seq,
            self.model,
            self._apply,
            second,
            count_foreign=not self._skip_foreign,
            placing=self._placing,
        )
        before = self.seq
        self._index.reach(seq)
        if self.second is not None:
            self.second.catch_up()
        if self.seq != before or self.kept_pictures is None:
            self.kept_pictures = self.gallery.kept.counts()

    def _apply(self, change: Change) -> None:
        if change.foreign:
            self._check_foreign(change)
        vectors = change.altered.vectors
        if len(vectors) and vectors.shape[1] != self._index.dimension:
            raise ConfigurationError(
                f"the gallery's vectors have dimension {vectors.shape[1]},"
                f" the encoder's {self._index.dimension}"
            )
        self._index.update(change)

    def _check_foreign(self, change: Change) -> None:
        """Raise ConfigurationError when somebody would be lost whose vectors other models made.

        Visitors who are left over from a change of the model are nobody's loss.
        """
        other, count = next(iter(change.foreign.items()))
        beside = "" if self.second is None else f" with {self.second.model!r} beside it"
        reason = (
            f"{count} of the gallery's vectors are of model {other!r}, the encoder is"
            f" {self.model!r}{beside}"
        )
        if change.is_all_foreign or change.unknown_members:
            lost = f", and {change.unknown_members} members have no others" * (
                not change.is_all_foreign
            )
            raise ConfigurationError(
                f"{reason}{lost}: run the encoder that made them, or set FACEGATE_REENCODE=true"
                " to encode the pictures of the store's folder anew and keep other vectors out"
            )
        log.warning("%s: they are kept out", reason)

    def search(
        self, probes: Vectors, k: int, scope: SearchScope = "own", places: Places | None = None
    ) -> list[list[Hit]]:
        """Return the best FaceIds of each unit vector of `probes` (n, d); see FaceSearch.search.

        `places` are those of the probes among the cohort, computed here when they are not given.
        """
        placed = self.scale.cohort.place(probes) if places is None else places
        return self._search.search(probes, placed, k, scope)

    def cosines(self, probes: Vectors, scope: SearchScope) -> list[tuple[Floats, Places]] | None:
        """Return how near the unit vectors `probes` (n, d) are to everybody; see FaceIndex."""
        return self._index.cosines(probes, scope)

    def threshold(
        self, rate: float, frames: int = 1, scope: SearchScope = "own", templates: int = 0
    ) -> float:
        """Return the score from which a face matches: a share `rate` of strangers reaches it.

        The search covers `templates` FaceIds in all stores, those of this store in `scope` at the
        least. `frames` are the pictures that the searched vector is fused from.
        """
        counts = self.counts
        own = counts.roaming if scope == "members" else counts.faces
        return self._parameters.threshold(max(own, templates), rate, frames)

    def thresholds(
        self, rates: ByKind[float], frames: int = 1, scope: SearchScope = "own", templates: int = 0
    ) -> ByKind[float]:
        """Return the scores from which a face is a member, and a visitor; see `threshold`."""
        return ByKind(*(self.threshold(rate, frames, scope, templates) for rate in rates))

    def templates(self) -> dict[int, tuple[StoredFace, Vector]]:
        """Return every template with its owner, by number, as the record has them."""
        return self.gallery.record.templates(self.model)

    def pieces(self) -> Iterator[IndexPiece]:
        """Yield all that is in the index; see FaceIndex.pieces."""
        return self._index.pieces()

    def visitors(self) -> VisitorFaces:
        """Return the visitors who are not provisional: a copy, to compare them."""
        return self._search.visitors()

    def templates_of(self, face_id: str) -> OwnTemplates:
        """Return the unit vectors of a FaceId, and of how many pictures each is fused."""
        return self.gallery.record.templates_of([face_id], self.model)[face_id]

    def vectors_of(self, face_id: str) -> Mapping[int, Vector]:
        """Return the unit vectors of a FaceId by the numbers of its templates."""
        return self.templates_of(face_id).vectors

    def are_distinct(self, one: str, other: str) -> bool:
        """Say whether two FaceIds were declared to be different people."""
        return self._index.are_distinct(one, other)

    def likeness(
        self, vector: Vector, templates: Sequence[Vector], frames: int | None = None
    ) -> float:
        """Return the score of a unit vector with some templates; see FaceIndex.likeness."""
        return self._index.likeness(vector, templates, frames)

    def changed_over(self) -> ByKind[ChangedOver]:
        """Return of how many members, and visitors, the second model has templates."""
        seen = self.seq, 0 if self.second is None else self.second.seq
        if self._changed_over is None or self._changed_over[0] != seen:
            counts = ByKind(*(self._changed_over_of(kind) for kind in get_args(Kind)))
            self._changed_over = seen, counts
        return self._changed_over[1]

    def _changed_over_of(self, kind: Kind) -> ChangedOver:
        own = self._index.known(kind)
        theirs = own[:0] if self.second is None else self.second._index.known(kind)
        count = max(len(own), len(theirs))
        either = np.resize(own, count)
        either[len(own) :] = False
        either[: len(theirs)] |= theirs
        return ChangedOver(changed=np.count_nonzero(theirs), of=np.count_nonzero(either))

    def enroll(
        self,
        face_id: str,
        template: NewTemplate,
        member_id: str | None = None,
        roams: bool | None = None,
    ) -> EnrollResult:
        """Store a template; see Gallery.enroll."""
        return self.change(self.gallery.enroll, face_id, template, member_id, roams)

    def mint(
        self, template: NewTemplate, rates: ByKind[float], provisional: bool
    ) -> tuple[StoredFace, Hit | None]:
        """Return a stranger's FaceId: a new one, or with it how the store knows them by now.

        Searching and storing are one step: of two frames of one stranger at the same moment, one
        makes the FaceId and the other finds it. The search is by the model of the template.
        """
        searched = self.of_model(template.model)
        assert searched is not None, "one of the two"
        [hits] = searched.search(template.vector[None, :], 1)
        needed = searched.thresholds(rates, template.frames)
        best = next((hit for hit in hits if hit.passes(hits, needed)), None)
        if best is not None:
            return best.face, best
        face_id = MINTED_PREFIX + secrets.token_hex(8)
        self.change(self.gallery.mint, face_id, template, provisional)
        return StoredFace(face_id, "visitor", None, provisional), None

    def certainty(self, rates: ByKind[float], frames: int = 1) -> Certainty:
        """Return the scores from which a face matches, and is certain; see `threshold`."""
        strict = ByKind(*(rate * share for rate, share in zip(rates, SURE, strict=True)))
        return Certainty(self.thresholds(rates, frames), self.thresholds(strict, frames))

    def learn(
        self, face_id: str, template: NewTemplate, certainty: Certainty, learning: Learning
    ) -> bool:
        """Store what a visit has taught a FaceId if it is certain, and say whether it is kept.

        It has to pass by the FaceId's founding templates alone as well: however often it learns, it
        stays the person that it began as. It has to differ from what other visits have taught.
        A FaceId of which all that this model has was learned beside a former model, which knew it,
        is measured by that, and learns no more than a few. Raises UnknownFace.
        """
        [hits] = self.search(template.vector[None, :], RIVALS)
        record = self.gallery.face(face_id)
        who = certainty.of(hits, learning)
        if who is None or who.face_id != face_id:
            return False
        vectors, frames_of = self.templates_of(face_id)
        others = [
            each
            for each in record.templates
            if each.template_id in vectors and each.learned_from != template.learned_from
        ]
        founding = [each.template_id for each in others if each.learned_from is None]
        if not founding and len(others) < MOST_SECOND:
            founding = [each.template_id for each in others]
        if not founding:
            return False
        frames = sum(frames_of[number] for number in founding)
        first = [vectors[number] for number in founding]
        if self.likeness(template.vector, first, frames) < certainty.needed.of(who.kind):
            return False
        known = np.stack([vectors[each.template_id] for each in others])
        if np.linalg.norm(known - template.vector, axis=1).min() < self._parameters.same_look:
            return False
        return self.change(self.gallery.learn, face_id, template)

    def mint_distinct(self, templates: Sequence[NewTemplate], other: str | None) -> FaceRecord:
        """Make a visitor's FaceId of one person's templates, who is not `other`."""
        face_id = MINTED_PREFIX + secrets.token_hex(8)
        return self.change(self.gallery.mint_distinct, face_id, templates, other)

    def erase(self, face_id: str) -> int:
        """Remove a FaceId, and return how many templates it had. Raises UnknownFace."""
        self.gallery.face(face_id)
        return self.change(self.gallery.erase, [face_id])[face_id]

    def erase_template(self, face_id: str, template_id: int) -> int:
        """Remove a picture of a FaceId, and return how many are left; see Gallery."""
        return self.change(self.gallery.erase_template, face_id, template_id, self.model)

    def change(self, write: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `write`, a method of the gallery, and take over what it has changed."""
        result = write(*args, **kwargs)
        self.catch_up()
        return result
