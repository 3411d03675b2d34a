"""`python -m shard --store STORE`: serve a store, or several, with the environment's settings."""

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.garbage_collection import no_collections

with no_collections():  # a fifth of the CPU of a start: modules are no garbage
    import uvicorn
    import uvloop

    from contract.errors import ConfigurationError
    from contract.stores.model_name import INSTALLED_MODEL
    from contract.stores.store_map import Store
    from encoder import EncoderChoice, EncoderPool, NetworkChoice, PictureLimits
    from encoder.custom.chosen_model import chosen_detector, chosen_model
    from encoder.custom.model_folder import ModelFolder
    from scoring.score_scale import ScoreScale
    from service.environment_settings import read_settings
    from service.files.private_files import close_to_others, keep_files_private
    from service.files.replaced_folder import place_of
    from service.http.server import exit_on_errors, serve, server_config
    from service.http.service_api import ServiceApi
    from service.json_log import set_up_logging
    from service.reach import require_cluster
    from shard.app import create_app
    from shard.gallery.repair.repair import repair
    from shard.served_stores import gallery_path, served_stores
    from shard.settings import ShardSettings


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: ours also cover loading and closing."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until a signal; exit with 78 and one line when the configuration is wrong."""
    parser = argparse.ArgumentParser(prog="python -m shard", description=__doc__)
    parser.add_argument(
        "--store",
        "--stores",
        action="append",
        metavar="STORE",
        help="the store to serve; several, if it is given again, or with commas (FACEGATE_STORE)",
    )
    parser.add_argument("--map", dest="stores", type=Path, help="the store map (FACEGATE_STORES)")
    parser.add_argument("--data", type=Path, help="folder of the galleries (FACEGATE_DATA)")
    parser.add_argument("--host", help="where to listen (FACEGATE_HOST)")
    parser.add_argument("--port", type=int, help="where to listen (FACEGATE_PORT)")
    parser.add_argument(
        "--reencode",
        action="store_true",
        default=None,
        help="encode the folder's pictures anew where another model made the gallery, and keep its"
        " other vectors out (FACEGATE_REENCODE)",
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="keep what can be read of a damaged gallery in a new one, and end",
    )
    given = vars(parser.parse_args(arguments))
    repairs = given.pop("repair")
    with exit_on_errors("shard"):
        settings = read_settings(ShardSettings, **given)
        keep_files_private()
        stores = served_stores(settings)
        if repairs:
            for store in stores:
                _repair(gallery_path(settings, store), store.id)
            return
        require_cluster(
            settings.host, is_protected=settings.is_protected, shard_auth=settings.shard_auth
        )
        served, second = _networks(settings, stores[0])
        for network in (served, second):  # wrong files end the process before its encoder starts
            ScoreScale.of_model("", _own_folder(network))
        encoder = _encoder(settings, stores[0], served, second)
        port = _port(settings, stores)
        app = create_app(settings, stores, encoder, _own_folder(served), _own_folder(second))
        set_up_logging(f"shard {_called(stores)}", settings.log_level)
        close_to_others(settings.data)
        uvloop.run(_serve(app, settings.host, port))


def _repair(path: Path, store: str) -> None:
    done = repair(path, store)
    if done is None:
        print(f"{path} is sound: there is nothing to repair")  # noqa: T201 - the command's answer
        return
    lines = [
        f"{path} can be used again: {done.faces} FaceIds with {done.templates} vectors are kept",
        f"the damaged file is kept, too: {done.damaged}",
    ]
    if done.incomplete:
        lines.append(f"parts could not be read of: {', '.join(done.incomplete)}")
    if done.lost:
        lines.append(f"no vector is left of {len(done.lost)} FaceIds: {', '.join(done.lost)}")
    if "sources" in done.incomplete:
        lines.append("pictures of people who were erased may be imported anew: look at the folder")
    print("\n".join(lines))  # noqa: T201 - the command's answer


def _networks(settings: ShardSettings, store: Store) -> tuple[NetworkChoice, NetworkChoice | None]:
    """Return the network that the store is served by, and the second one if there is to be one.

    Raises ConfigurationError when one is not there, or both are the same.
    """
    models = ModelFolder(settings.models)
    served, second = store.model or settings.model, store.second_model or settings.second_model
    if second is None:
        return NetworkChoice(chosen_model(models, served)), None
    if second == (served or INSTALLED_MODEL):
        raise ConfigurationError(
            f"the second model of {store.id} is the one that serves it, {second!r}: name another"
            " one, or none"
        )
    return (
        NetworkChoice(chosen_model(models, served)),
        NetworkChoice(chosen_model(models, second)),
    )


def _own_folder(network: NetworkChoice | None) -> Path | None:
    """Return the folder of a model of the user's own; None of every other network."""
    path = None if network is None else network.path
    return path if path is not None and place_of(path).is_dir() else None


def _encoder(
    settings: ShardSettings, store: Store, served: NetworkChoice, second: NetworkChoice | None
) -> EncoderPool:
    choice = EncoderChoice(
        settings.encoder,
        served.path,
        settings.encoder_cache,
        chosen_detector(settings.models, store.own_detector or settings.detector),
        tuple(name.strip() for name in settings.onnx_providers.split(",")),
        second,
        settings.cnn_share,
    )
    limits = PictureLimits(settings.max_body_bytes, settings.max_pixels)
    return EncoderPool(choice, settings.encoder_workers, settings.encoder_queue, limits)


def _port(settings: ShardSettings, stores: Sequence[Store]) -> int:
    """Return where to listen. Raises ConfigurationError when that is not to be told."""
    ports = {store.shards[0].port for store in stores}
    if settings.port is None and len(ports) > 1:
        raise ConfigurationError(
            "FACEGATE_PORT is not set, and the map has the stores at several addresses"
        )
    return settings.port or ports.pop()


def _called(stores: Sequence[Store]) -> str:
    """Return what the process is called in its log."""
    others = f" and {len(stores) - 1} more" if len(stores) > 1 else ""
    return stores[0].id + others


async def _serve(app: ServiceApi, host: str, port: int) -> None:
    """Serve until a signal, which may come before the galleries are loaded."""
    server = _Server(server_config(app, host, port))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    await serve(app, server)


if __name__ == "__main__":
    main()
