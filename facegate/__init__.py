"""What users hold: the Python client with the types of its answers, and the `facegate` command."""

from contract.messages.access.key import AccessKey, NewAccessKey
from contract.messages.access.session import PageSession
from contract.messages.audit.chain import ChainHead, ChainLine, NamedSubject
from contract.messages.audit.trail import AuditEntry, AuditSubject
from contract.messages.calibration import Calibration, ScoreHistogram, Share
from contract.messages.cameras.agent_status import AgentStatus
from contract.messages.cameras.camera_status import CameraStatus, ForgottenCamera
from contract.messages.cluster import (
    BackgroundStatus,
    BrokerStatus,
    ClockStatus,
    ClusterStatus,
    Counts,
    KeptPictureCounts,
    MapStatus,
    ReplicaStatus,
    ShardStatus,
    StoredGallery,
    StoreStatus,
    StoreSummary,
)
from contract.messages.counting_rates import MeasuredRates
from contract.messages.directory.status import DirectoryStatus, DirectoryUse
from contract.messages.erasures import (
    ErasedFace,
    ErasureReceipt,
    ErasureSummary,
    FaceErasure,
    ReplicaReached,
    StoreErasure,
)
from contract.messages.face import Box, Candidate, MemberCard, TrackState
from contract.messages.faces import (
    EnrollAnswer,
    EnrollWarning,
    FaceRecord,
    NamedVector,
    PictureLikeness,
    Source,
    Template,
    TemplateRemoval,
    VectorsAnswer,
    VectorsDraft,
    VisitHistory,
)
from contract.messages.imports.import_job import ImportJob
from contract.messages.index_status import IndexStatus
from contract.messages.live import (
    CameraEvent,
    GoneEvent,
    LastVisit,
    MemberEvent,
    Present,
    ResetEvent,
    VisitCard,
    VisitEvent,
)
from contract.messages.looking_again import FlaggedVisitor, LookReport, MergedVisitors
from contract.messages.member_table import ImportReport, RefusedLine
from contract.messages.members import (
    BoundFace,
    FaceRef,
    Member,
    MemberDraft,
    MergeState,
    NotAnswer,
    RenameState,
)
from contract.messages.model_templates import ModelTemplates
from contract.messages.privacy.consent import Consent, ConsentDecision
from contract.messages.privacy.person_export import ExportedFace, ExportedVisit, PersonExport
from contract.messages.privacy.privacy_status import PrivacyStatus, StorePrivacy
from contract.messages.recognition import (
    CompareAnswer,
    Coverage,
    RecognizeAnswer,
    RecognizedFace,
    SearchedFace,
    SearchPictureAnswer,
    Timing,
    VisitMark,
)
from contract.messages.scale import ScaleStatus
from contract.messages.second_model import Agreement, ChangedOver, SecondModelStatus
from contract.messages.traffic import (
    EarlierFootfall,
    Estimate,
    FootfallRow,
    RoamingRow,
    TracedVisit,
    TrafficAnswer,
)
from contract.messages.webhooks import WebhookStatus
from facegate.client.api_error import ApiError, ClientError, GatewayUnreachable
from facegate.client.async_client import AsyncClient
from facegate.client.client import Client
from facegate.client.event_stream import LiveEvent
from facegate.client.picture_source import BinaryFile, Picture

__all__ = [
    "AccessKey",
    "AgentStatus",
    "Agreement",
    "ApiError",
    "AsyncClient",
    "AuditEntry",
    "AuditSubject",
    "BackgroundStatus",
    "BinaryFile",
    "BoundFace",
    "Box",
    "BrokerStatus",
    "Calibration",
    "CameraEvent",
    "CameraStatus",
    "Candidate",
    "ChainHead",
    "ChainLine",
    "ChangedOver",
    "Client",
    "ClientError",
    "ClockStatus",
    "ClusterStatus",
    "CompareAnswer",
    "Consent",
    "ConsentDecision",
    "Counts",
    "Coverage",
    "DirectoryStatus",
    "DirectoryUse",
    "EarlierFootfall",
    "EnrollAnswer",
    "EnrollWarning",
    "ErasedFace",
    "ErasureReceipt",
    "ErasureSummary",
    "Estimate",
    "ExportedFace",
    "ExportedVisit",
    "FaceErasure",
    "FaceRecord",
    "FaceRef",
    "FlaggedVisitor",
    "FootfallRow",
    "ForgottenCamera",
    "GatewayUnreachable",
    "GoneEvent",
    "ImportJob",
    "ImportReport",
    "IndexStatus",
    "KeptPictureCounts",
    "LastVisit",
    "LiveEvent",
    "LookReport",
    "MapStatus",
    "MeasuredRates",
    "Member",
    "MemberCard",
    "MemberDraft",
    "MemberEvent",
    "MergeState",
    "MergedVisitors",
    "ModelTemplates",
    "NamedSubject",
    "NamedVector",
    "NewAccessKey",
    "NotAnswer",
    "PageSession",
    "PersonExport",
    "Picture",
    "PictureLikeness",
    "Present",
    "PrivacyStatus",
    "RecognizeAnswer",
    "RecognizedFace",
    "RefusedLine",
    "RenameState",
    "ReplicaReached",
    "ReplicaStatus",
    "ResetEvent",
    "RoamingRow",
    "ScaleStatus",
    "ScoreHistogram",
    "SearchPictureAnswer",
    "SearchedFace",
    "SecondModelStatus",
    "ShardStatus",
    "Share",
    "Source",
    "StoreErasure",
    "StorePrivacy",
    "StoreStatus",
    "StoreSummary",
    "StoredGallery",
    "Template",
    "TemplateRemoval",
    "Timing",
    "TracedVisit",
    "TrackState",
    "TrafficAnswer",
    "VectorsAnswer",
    "VectorsDraft",
    "VisitCard",
    "VisitEvent",
    "VisitHistory",
    "VisitMark",
    "WebhookStatus",
]
