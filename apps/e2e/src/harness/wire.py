"""Cables between network namespaces, for kernels with and without netem.

Every argument is a TUN device, NAME=ADDRESS. Packets that come in by one leave by the one that has
their destination, after the delay, loss and bandwidth of both cables. Each line on stdin changes a
cable: {"link": NAME, "delayMs": one way, "lossPercent": N, "mbit": N or null, "cut": bool}. Loss is
drawn from a fixed seed. Ends with stdin.
"""

import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LONGEST_PACKET = 65536
LONGEST_QUEUE_S = 0.2  # what a switch would buffer; beyond it packets are dropped

dice = random.Random(1)


class Link:
    def __init__(self, name):
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        self.delay, self.loss, self.rate, self.cut = 0.0, 0.0, None, False
        self.free = {"up": 0.0, "down": 0.0}  # when each direction has sent what it has

    def change(self, order):
        self.delay = order.get("delayMs", 0) / 1000
        self.loss = order.get("lossPercent", 0) / 100
        mbit = order.get("mbit")
        self.rate = None if mbit is None else mbit * 1e6 / 8
        self.cut = order.get("cut", False)

    def passes(self, direction, size, at):
        """When a packet that enters the cable at `at` leaves it; None when it is lost."""
        if self.cut or (self.loss > 0 and dice.random() < self.loss):
            return None
        if self.rate is None:
            return at + self.delay
        begin = max(at, self.free[direction])
        if begin - at > LONGEST_QUEUE_S:
            return None
        self.free[direction] = begin + size / self.rate
        return self.free[direction] + self.delay


links, by_address = {}, {}
for argument in sys.argv[1:]:
    name, address = argument.split("=")
    links[name] = by_address[socket.inet_aton(address)] = Link(name)
by_file = {link.file: link for link in links.values()}
waiting, order_text, serial = [], b"", 0
print("ready", flush=True)

while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        _, _, target, packet = heapq.heappop(waiting)
        try:
            os.write(target.file, packet)
        except OSError:
            pass  # its host's end is down, or full: as on a real cable, the packet is gone
    patience = max(0.0, waiting[0][0] - now) if waiting else None
    readable, _, _ = select.select([*by_file, 0], [], [], patience)
    for file in readable:
        if file == 0:
            text = os.read(0, 4096)
            if not text:
                sys.exit(0)
            *lines, order_text = (order_text + text).split(b"\n")
            for line in lines:
                order = json.loads(line)
                links[order["link"]].change(order)
                print("changed", flush=True)
            continue
        source = by_file[file]
        for _ in range(64):  # a burst at a time, so that those that wait are sent in time
            try:
                packet = os.read(file, LONGEST_PACKET)
            except OSError:
                break
            target = by_address.get(packet[16:20]) if packet[0] >> 4 == 4 else None
            if target is None:
                continue
            at = source.passes("up", len(packet), time.monotonic())
            at = None if at is None else target.passes("down", len(packet), at)
            if at is None:
                continue
            serial += 1
            heapq.heappush(waiting, (at, serial, target, packet))
