"""What gateway and shard write is their user's alone, whatever the umask they are started with."""

from tests import plain_http
from tests.cluster.open_files import open_below
from tests.cluster.processes import Cluster
from tests.cluster.test_recognition import post
from tests.pictures import sample


def test_records_and_galleries_are_private(shared_cluster: Cluster) -> None:
    with plain_http.Client(base_url=shared_cluster.gateway.url) as gateway:
        post(gateway, "north", sample("biden.jpg"))

    data = shared_cluster.folder / "data"
    assert list(data.rglob("gallery.sqlite3*"))
    assert (data / "gateway.sqlite").exists()
    assert open_below(data) == {}


def test_a_folder_of_an_earlier_release_is_closed(cluster: Cluster) -> None:
    data = cluster.folder / "data"
    for service in (cluster.gateway, cluster.shards["north"]):
        service.kill()
        data.chmod(0o755)
        service.start()
        service.wait_ready()

        assert data.stat().st_mode & 0o777 == 0o700
        assert "was open to others (mode 755), and is closed to them now" in service.log.read_text()
    cluster.wait_all_healthy()
