"""Answers about the cluster as OpenAPI shows them."""

from contract.messages.cluster import (
    ClusterStatus,
    Counts,
    MapStatus,
    ReplicaStatus,
    ShardStatus,
    StoreList,
    StoreStatus,
    StoreSummary,
)
from contract.messages.model_templates import ModelTemplates
from gateway.http.examples import WHEN

CLUSTER = ClusterStatus(
    map=MapStatus(version="c0ffee123456", path="stores.yaml", loaded_at=WHEN),
    stores=[
        StoreStatus(
            store="store-a",
            name="West Lake",
            cross_store="members",
            healthy=True,
            replicas=[
                ReplicaStatus(
                    address="127.0.0.1:5001",
                    healthy=True,
                    in_flight=0,
                    status=ShardStatus(
                        store="store-a",
                        ready=True,
                        read_only=False,
                        model="dlib-resnet-v1-0123456789ab",
                        counts=Counts(faces=2, members=1, roaming=1, visitors=1, templates=3),
                        seq=3,
                        version="0.1.0",
                    ),
                )
            ],
        )
    ],
)
STORES = StoreList(stores=[StoreSummary(store="store-a", name="West Lake", healthy=True, faces=2)])
MODEL_TEMPLATES = ModelTemplates(
    store="store-a", model="mobile-0123456789ab", templates=310, visitors_alone=2
)
