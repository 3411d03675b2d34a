"""The error tree. Domain code raises these; one handler turns them into `application/problem+json`.

FacegateError
├── ConfigurationError            file, key and value of what is wrong; the process does not start
│   └── StoreMapError
├── BadRequest              400   BAD_REQUEST
│   ├── BadText             400   BAD_REQUEST
│   ├── BadVectors          400   BAD_VECTORS
│   ├── BadTime             400   BAD_TIME
│   └── BadKey              400   BAD_IDEMPOTENCY_KEY
├── Unauthorized            401   UNAUTHORIZED
│   ├── KeyRequired         401   KEY_REQUIRED
│   ├── KeyRefused          401   KEY_REFUSED
│   └── NotOfCluster        401   NOT_OF_CLUSTER
├── NotAllowed              403   NOT_ALLOWED
│   ├── NotForRole          403   NOT_FOR_ROLE
│   ├── NotForStore         403   NOT_FOR_STORE
│   ├── NoConsent           403   NO_CONSENT
│   ├── SignInRefused       403   SIGN_IN_REFUSED
│   ├── WebhookHost         403   WEBHOOK_HOST
│   └── ForeignPage         403   FOREIGN_PAGE
├── UnknownHost             421   UNKNOWN_HOST
├── NotFound                404
│   ├── UnknownStore        404   UNKNOWN_STORE
│   ├── UnknownFace         404   UNKNOWN_FACE
│   ├── UnknownTemplate     404   UNKNOWN_TEMPLATE
│   ├── UnknownWebhook      404   UNKNOWN_WEBHOOK
│   ├── UnknownKey          404   UNKNOWN_KEY
│   ├── UnknownSession      404   UNKNOWN_SESSION
│   └── UnknownMember       404   UNKNOWN_MEMBER
├── Conflict                409
│   ├── AlreadyBound        409   ALREADY_BOUND
│   ├── UnlikeOwnFace       409   UNLIKE_OWN_FACE    (with warnings)
│   ├── AlreadyEnrolled     409   ALREADY_ENROLLED   (with warnings)
│   ├── LastTemplate        409   LAST_TEMPLATE
│   ├── PictureErased       409   PICTURE_ERASED
│   ├── FaceExists          409   FACE_EXISTS
│   ├── NotTheSame          409   NOT_THE_SAME
│   ├── KeyEnded            409   KEY_ENDED
│   ├── ModelMismatch       409   MODEL_MISMATCH
│   ├── ReadOnlyReplica     409   READ_ONLY_REPLICA
│   └── KeyReused           409   IDEMPOTENCY_KEY_REUSED
├── PreconditionFailed      412
│   ├── MemberExists        412   MEMBER_EXISTS
│   └── MemberChanged       412   MEMBER_CHANGED
├── CapturedTooLongAgo      422   CAPTURED_TOO_LONG_AGO
├── BodyTooLarge            413   BODY_TOO_LARGE
├── HeadTooLarge            431   HEAD_TOO_LARGE
├── SlowBody                408   SLOW_BODY
├── PictureError
│   ├── EmptyPicture        400   EMPTY_PICTURE
│   ├── TooManyPixels       413   TOO_MANY_PIXELS
│   ├── UnsupportedPicture  415   UNSUPPORTED_PICTURE
│   ├── BrokenPicture       422   BROKEN_PICTURE
│   └── EncoderCrashed      422   ENCODER_CRASHED
├── EnrollmentRefused
│   ├── NoFace              422   NO_FACE
│   ├── SeveralFaces        422   SEVERAL_FACES
│   ├── TooSmall            422   TOO_SMALL
│   ├── TooDark             422   TOO_DARK
│   ├── Blurred             422   BLURRED
│   └── Pose                422   POSE
├── StorageError
│   ├── StorageFull         507   STORAGE_FULL
│   └── StorageUnavailable  503   STORAGE_UNAVAILABLE
│       ├── StorageDamaged        its files are damaged
│       ├── StorageForeign        its files are those of something else
│       └── FilesGone             its files are no longer the ones at their path
├── TooManyPictures         429   TOO_MANY_PICTURES  (with Retry-After)
├── TooManyRequests         429   TOO_MANY_REQUESTS  (with Retry-After)
├── TooManyFailedKeys       429   TOO_MANY_FAILED_KEYS (with Retry-After)
├── Busy                    503   BUSY               (with Retry-After)
├── NotReady                503   NOT_READY          (with Retry-After)
├── ProviderUnavailable     503   PROVIDER_UNAVAILABLE (with Retry-After)
├── DeadlineExceeded        504   DEADLINE_EXCEEDED
└── ShardError
    ├── ShardUnavailable    503   SHARD_UNAVAILABLE  (with Retry-After)
    ├── ShardTimeout        504   SHARD_TIMEOUT
    ├── ShardNonsense       502   SHARD_NONSENSE
    └── ShardRefused        the shard's own status and code, passed on
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract.messages.faces import EnrollWarning


class FacegateError(Exception):
    """Base of everything facegate raises on purpose.

    `detail` is for the user who made the request: no internals, no vectors, no pictures.
    `warnings` say what speaks against an enrolment that may be asked for again with `force`.
    """

    status: int = 500
    code: str = "INTERNAL"
    title: str = "Internal error"
    retry_after: int | None = None  # seconds, sent as Retry-After
    warnings: "Sequence[EnrollWarning]" = ()

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class ConfigurationError(FacegateError):
    """A setting or file that the process cannot start with; the text names where, key and value."""

    code = "CONFIGURATION"
    title = "Configuration error"


class StoreMapError(ConfigurationError):
    """A store map that cannot be used; the text names the file, the key and the value."""

    code = "STORE_MAP"
    title = "Invalid store map"


class BadRequest(FacegateError):
    status, code, title = 400, "BAD_REQUEST", "Bad request"


class BadText(BadRequest, ValueError):
    """Text that is refused. In a message it makes the message invalid, which answers 422."""


class BadVectors(BadRequest):
    code, title = "BAD_VECTORS", "Not a sequence of face vectors"


class Unauthorized(FacegateError):
    status, code, title = 401, "UNAUTHORIZED", "Unauthorized"


class KeyRequired(Unauthorized):
    code, title = "KEY_REQUIRED", "This needs a key"


class KeyRefused(Unauthorized):
    code, title = "KEY_REFUSED", "The key is not valid, or not any more"


class NotOfCluster(Unauthorized):
    code, title = "NOT_OF_CLUSTER", "Not one of the cluster's services"


class NotAllowed(FacegateError):
    status, code, title = 403, "NOT_ALLOWED", "Not allowed"


class NotForRole(NotAllowed):
    code, title = "NOT_FOR_ROLE", "The key's role may not do this"


class NotForStore(NotAllowed):
    code, title = "NOT_FOR_STORE", "The key is for other stores"


class SignInRefused(NotAllowed):
    code, title = "SIGN_IN_REFUSED", "Not let in"


class NoConsent(NotAllowed):
    code, title = "NO_CONSENT", "The member has not agreed to this"


class WebhookHost(NotAllowed):
    code, title = "WEBHOOK_HOST", "Webhooks may not be sent to this host"


class ForeignPage(NotAllowed):
    code, title = "FOREIGN_PAGE", "Not for web pages of other sites"


class UnknownHost(FacegateError):
    status, code, title = 421, "UNKNOWN_HOST", "The service is not known by this name"


class BadTime(BadRequest):
    code, title = "BAD_TIME", "Not a time that can be used"


class BadKey(BadRequest):
    code, title = "BAD_IDEMPOTENCY_KEY", "Not a key that can be used"


class NotFound(FacegateError):
    status, code, title = 404, "NOT_FOUND", "Not found"


class UnknownStore(NotFound):
    code, title = "UNKNOWN_STORE", "Unknown store"


class UnknownFace(NotFound):
    code, title = "UNKNOWN_FACE", "Unknown FaceId"


class UnknownTemplate(NotFound):
    code, title = "UNKNOWN_TEMPLATE", "Unknown picture of the FaceId"


class UnknownWebhook(NotFound):
    code, title = "UNKNOWN_WEBHOOK", "Unknown webhook"


class UnknownKey(NotFound):
    code, title = "UNKNOWN_KEY", "Unknown key"


class UnknownSession(NotFound):
    code, title = "UNKNOWN_SESSION", "Unknown session"


class UnknownMember(NotFound):
    code, title = "UNKNOWN_MEMBER", "Unknown member"


class Conflict(FacegateError):
    status, code, title = 409, "CONFLICT", "Conflict"


class AlreadyBound(Conflict):
    code, title = "ALREADY_BOUND", "The FaceId is bound to another member"


class ConsentOutdated(Conflict):
    code, title = "CONSENT_OUTDATED", "The member has decided otherwise since"


class ImportRunning(Conflict):
    code, title = "IMPORT_RUNNING", "Another import is under way"


class ImportEnded(Conflict):
    code, title = "IMPORT_ENDED", "The import has come to its end"


class DoubtfulPicture(Conflict):
    """A picture that is stored only with `force`. Base of the reasons below."""

    def __init__(self, warnings: "Sequence[EnrollWarning]") -> None:
        super().__init__("; ".join(warning.detail for warning in warnings))
        self.warnings = warnings


class UnlikeOwnFace(DoubtfulPicture):
    code, title = "UNLIKE_OWN_FACE", "Not the person whom the FaceId's other pictures show"


class AlreadyEnrolled(DoubtfulPicture):
    code, title = "ALREADY_ENROLLED", "Already enrolled as somebody else"


DOUBTFUL = (UnlikeOwnFace, AlreadyEnrolled)
"""What is asked about a picture before it is stored."""


class LastTemplate(Conflict):
    code, title = "LAST_TEMPLATE", "The FaceId's only picture"


class PictureErased(Conflict):
    code, title = "PICTURE_ERASED", "A picture that was erased"


class FaceExists(Conflict):
    code, title = "FACE_EXISTS", "There is a FaceId of this name"


class NotTheSame(Conflict):
    code, title = "NOT_THE_SAME", "Somebody said that they are not the same person"


class KeyEnded(Conflict):
    code, title = "KEY_ENDED", "The key is revoked or has expired"


class ModelMismatch(Conflict):
    code, title = "MODEL_MISMATCH", "Vectors of another model"


class ReadOnlyReplica(Conflict):
    code, title = "READ_ONLY_REPLICA", "This replica only reads"


class KeyReused(Conflict):
    code, title = "IDEMPOTENCY_KEY_REUSED", "The key belongs to another frame"


class PreconditionFailed(FacegateError):
    status, code, title = 412, "PRECONDITION_FAILED", "Not as it was asked for"


class MemberExists(PreconditionFailed):
    code, title = "MEMBER_EXISTS", "There is such a member already"


class MemberChanged(PreconditionFailed):
    code, title = "MEMBER_CHANGED", "Somebody changed the member meanwhile"


class CapturedTooLongAgo(FacegateError):
    status, code, title = 422, "CAPTURED_TOO_LONG_AGO", "The frame was taken too long ago"


class BodyTooLarge(FacegateError):
    status, code, title = 413, "BODY_TOO_LARGE", "Body too large"


class HeadTooLarge(FacegateError):
    status, code, title = 431, "HEAD_TOO_LARGE", "Headers too large"


class SlowBody(FacegateError):
    status, code, title = 408, "SLOW_BODY", "The body did not arrive in time"


class PictureError(FacegateError):
    """A picture that is refused. Base of the kinds below."""

    status, code, title = 422, "PICTURE", "Picture refused"


class EmptyPicture(PictureError):
    status, code, title = 400, "EMPTY_PICTURE", "No picture in the request"


class TooManyPixels(PictureError):
    status, code, title = 413, "TOO_MANY_PIXELS", "Picture with too many pixels"


class UnsupportedPicture(PictureError):
    status, code, title = 415, "UNSUPPORTED_PICTURE", "Unsupported picture format"


class BrokenPicture(PictureError):
    status, code, title = 422, "BROKEN_PICTURE", "Broken picture"


class EncoderCrashed(PictureError):
    status, code, title = 422, "ENCODER_CRASHED", "The picture ended its encoder worker"


class EnrollmentRefused(FacegateError):
    """A picture that shows no one face to enrol. Base of the reasons below."""

    status, code, title = 422, "ENROLMENT_REFUSED", "Enrolment refused"


class NoFace(EnrollmentRefused):
    code, title = "NO_FACE", "No face in the picture"


class SeveralFaces(EnrollmentRefused):
    code, title = "SEVERAL_FACES", "Several faces in the picture"


class TooSmall(EnrollmentRefused):
    code, title = "TOO_SMALL", "The face is too small"


class TooDark(EnrollmentRefused):
    code, title = "TOO_DARK", "The face is too dark"


class Blurred(EnrollmentRefused):
    code, title = "BLURRED", "The face is blurred"


class Pose(EnrollmentRefused):
    code, title = "POSE", "The face is turned away"


UNFIT = (NoFace, SeveralFaces, TooSmall, TooDark, Blurred, Pose)
"""Why a picture is refused for enrolment."""


class StorageError(FacegateError):
    """The record could not be written or read; nothing was acknowledged."""

    status, code, title = 503, "STORAGE", "Storage error"
    retry_after = 5


class StorageFull(StorageError):
    status, code, title = 507, "STORAGE_FULL", "No space left for the record"


class StorageUnavailable(StorageError):
    status, code, title = 503, "STORAGE_UNAVAILABLE", "The record cannot be written"


class StorageDamaged(StorageUnavailable):
    """Its files are damaged, and stay so until they change."""

    title = "The record is damaged"


class StorageForeign(StorageUnavailable):
    """Its files are those of something else, and stay so until they change."""

    title = "The record is not the one it should be"


class FilesGone(StorageUnavailable):
    """Its files are no longer the ones at their path: what is written to them would be lost."""

    title = "The record's files are gone"


class TooManyPictures(FacegateError):
    """One camera has more pictures under way than are its share."""

    status, code, title = 429, "TOO_MANY_PICTURES", "Too many pictures of one camera at once"
    retry_after = 1


class TooManyRequests(FacegateError):
    """A key, or an address, has sent as many requests as it may for now."""

    status, code, title = 429, "TOO_MANY_REQUESTS", "Too many requests"

    def __init__(self, detail: str = "", *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooManyFailedKeys(FacegateError):
    """Too many requests from one address had a key that is not valid."""

    status, code, title = 429, "TOO_MANY_FAILED_KEYS", "Too many keys that are not valid"
    retry_after = 60


class Busy(FacegateError):
    status, code, title = 503, "BUSY", "All workers are busy"
    retry_after = 1


class ProviderUnavailable(FacegateError):
    """Whoever vouches for people who sign in does not answer, or not as OpenID Connect has it."""

    status, code, title = 503, "PROVIDER_UNAVAILABLE", "Nobody can be asked who this is"
    retry_after = 10


class NotReady(FacegateError):
    status, code, title = 503, "NOT_READY", "Not ready yet"
    retry_after = 1


class DeadlineExceeded(FacegateError):
    status, code, title = 504, "DEADLINE_EXCEEDED", "The deadline passed"


class ShardError(FacegateError):
    """A shard that gave no usable answer. `reason` is the short word shown in coverage."""

    status, code, title = 502, "SHARD", "Shard error"
    reason: str = "error"


class ShardUnavailable(ShardError):
    status, code, title = 503, "SHARD_UNAVAILABLE", "No replica of the store answers"
    reason = "unavailable"
    retry_after = 1


class ShardUntrusted(ShardUnavailable):
    """Gateway and shard cannot agree on TLS, or one does not trust the other's certificate."""

    reason = "untrusted"


class ShardTimeout(ShardError):
    status, code, title = 504, "SHARD_TIMEOUT", "The shard did not answer in time"
    reason = "timeout"


class ShardNonsense(ShardError):
    status, code, title = 502, "SHARD_NONSENSE", "The shard's answer makes no sense"
    reason = "nonsense"


class ShardRefused(ShardError):
    """The shard answered with a problem of its own: its status, code and text are passed on."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        retry_after: int | None = None,
        *,
        warnings: "Sequence[EnrollWarning]" = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.reason = code.lower().replace("_", " ")
        self.retry_after = retry_after
        self.warnings = warnings
