"""PyTorch's DistributedDataParallel on the tutorial's CNN: what Lockstep is compared with.

One process a rank, joined by gloo on this machine; every rank has its part of the global batch as
random images already in memory, so that nothing but the training itself is measured. Plain SGD.

Prints one JSON object: {"samplesPerSecond": …, "msPerStep": …, "torch": "…"}.

usage: peer_ddp.py --ranks 2 --batch 100 --threads 1 --warmup 20 --steps 100
"""

import argparse
import json
import os
import socket
import time

import torch
import torch.distributed
import torch.multiprocessing
from torch import nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel


class Cnn(nn.Module):
    """Conv 5x5x32, pool, conv 5x5x64, pool, 1024 units, dropout, 10 classes: 3,274,634 parameters."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        self.classify = nn.Sequential(
            nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 10)
        )

    def forward(self, images):
        return self.classify(self.features(images))


def train(rank, options, port):
    torch.set_num_threads(options.threads)
    torch.manual_seed(rank)
    model = Cnn()
    if options.ranks > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        torch.distributed.init_process_group("gloo", rank=rank, world_size=options.ranks)
        model = DistributedDataParallel(model)
    samples = options.batch // options.ranks
    images = torch.rand(samples, 1, 28, 28)
    labels = torch.arange(samples) % 10
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

    def make_step():
        optimizer.zero_grad()
        functional.cross_entropy(model(images), labels).backward()
        optimizer.step()

    for _ in range(options.warmup):
        make_step()
    started = time.perf_counter()
    for _ in range(options.steps):
        make_step()
    seconds = (time.perf_counter() - started) / options.steps
    if rank == 0:
        result = {
            "samplesPerSecond": samples * options.ranks / seconds,
            "msPerStep": 1000 * seconds,
            "torch": torch.__version__,
        }
        print(json.dumps(result), flush=True)
    if options.ranks > 1:
        torch.distributed.destroy_process_group()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("ranks", 2), ("batch", 100), ("threads", 1), ("warmup", 20), ("steps", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    arguments = (options, free_port())
    if options.ranks == 1:
        train(0, *arguments)
    else:
        torch.multiprocessing.spawn(train, arguments, nprocs=options.ranks)


if __name__ == "__main__":
    main()
